#include "result/json_read.hpp"

#include <limits>

namespace squall::result::detail {

std::string found_in(const boost::json::value& json)
{
    constexpr std::size_t longest_shown = 40;
    if (json.is_object()) {
        return "an object";
    }
    if (json.is_array()) {
        return "a list";
    }
    if (const auto* text = json.if_string()) {
        const std::string_view whole(*text);
        return fmt::format("the text \"{}{}\"", whole.substr(0, longest_shown),
                           whole.size() > longest_shown ? "…" : "");
    }
    return (json.is_number() ? "the number " : "") + boost::json::serialize(json);
}

void JsonReader::refuse(std::string_view what)
{
    error_ = fail("{}: {}", path_.empty() ? "the document" : path_, what);
}

void JsonReader::expected(std::string_view what, const boost::json::value& found)
{
    refuse(fmt::format("expected {}, found {}", what, found_in(found)));
}

void JsonReader::read_number(const boost::json::value& json, double& into)
{
    if (json.is_null()) { // how a number that is not finite is written
        into = std::numeric_limits<double>::quiet_NaN();
        return;
    }
    if (!json.is_number()) {
        return expected("a number", json);
    }
    into = json.to_number<double>();
}

void JsonReader::read_bool(const boost::json::value& json, bool& into)
{
    if (!json.is_bool()) {
        return expected("true or false", json);
    }
    into = json.get_bool();
}

void JsonReader::read_text(const boost::json::value& json, std::string& into)
{
    const auto* text = json.if_string();
    if (text == nullptr) {
        return expected("a text", json);
    }
    into.assign(text->data(), text->size());
}

} // namespace squall::result::detail
