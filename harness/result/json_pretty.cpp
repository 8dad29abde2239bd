#include "result/json.hpp"

#include <boost/json/serialize.hpp>

#include <fmt/format.h>

#include <cmath>

namespace squall::result {
namespace {

constexpr std::size_t longest_line = 110;

std::string text(std::string_view content)
{
    return boost::json::serialize(boost::json::string_view(content.data(), content.size()));
}

/// On one line, with a blank after every comma. Stops growing beyond `longest_line`: the caller then breaks the line.
void write_compact(const boost::json::value& json, std::string& out)
{
    if (out.size() > longest_line) {
        return;
    }
    if (const auto* object = json.if_object()) {
        out += '{';
        for (const auto& member : *object) {
            out += &member == object->begin() ? "" : ", ";
            out += text(member.key()) + ": ";
            write_compact(member.value(), out);
        }
        out += '}';
    } else if (const auto* array = json.if_array()) {
        out += '[';
        for (const auto& element : *array) {
            out += &element == array->begin() ? "" : ", ";
            write_compact(element, out);
        }
        out += ']';
    } else if (json.is_double()) {
        out += fmt::format("{}", json.get_double()); // shortest text that reads back as the same number
    } else {
        out += boost::json::serialize(json);
    }
}

void write(const boost::json::value& json, std::size_t indent, std::size_t used, std::string& out)
{
    std::string compact;
    write_compact(json, compact);
    const bool breakable =
        (json.is_object() && !json.get_object().empty()) || (json.is_array() && !json.get_array().empty());
    if (!breakable || used + compact.size() <= longest_line) {
        out += compact;
        return;
    }
    const std::string margin(indent + 2, ' ');
    const char* between = "\n";
    if (const auto* object = json.if_object()) {
        out += '{';
        for (const auto& member : *object) {
            const auto key = text(member.key()) + ": ";
            out += between + margin + key;
            write(member.value(), indent + 2, margin.size() + key.size(), out);
            between = ",\n";
        }
    } else {
        out += '[';
        for (const auto& element : json.get_array()) {
            out += between + margin;
            write(element, indent + 2, margin.size(), out);
            between = ",\n";
        }
    }
    out += '\n' + std::string(indent, ' ') + (json.is_object() ? '}' : ']');
}

} // namespace

std::string pretty(const boost::json::value& json)
{
    std::string out;
    write(json, 0, 0, out);
    out += '\n';
    return out;
}

} // namespace squall::result
