#include "scenario/read_toml.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cctype>
#include <sstream>
#include <tuple>

namespace squall::scenario {
namespace {

class Converter {
public:
    Converter(std::string file, bool with_lines) : file_(std::move(file)), with_lines_(with_lines) {}

    Node convert(const toml::node& node) const
    {
        Node converted{mark(node.source()), {}};
        node.visit([&](const auto& value) {
            using Value = std::decay_t<decltype(value)>;
            if constexpr (toml::is_table<Value>) {
                converted.value = convert_table(value);
            } else if constexpr (toml::is_array<Value>) {
                NodeList list;
                for (const auto& item : value) {
                    list.items.push_back(convert(item));
                }
                converted.value = std::move(list);
            } else if constexpr (toml::is_date<Value> || toml::is_time<Value> || toml::is_date_time<Value>) {
                std::ostringstream text;
                text << value.get();
                converted.value = Moment{text.str()};
            } else {
                converted.value = value.get();
            }
        });
        return converted;
    }

private:
    NodeTable convert_table(const toml::table& table) const
    {
        NodeTable converted;
        for (const auto& [key, value] : table) {
            converted.entries.push_back({std::string(key.str()), mark(key.source()), convert(value)});
        }
        std::stable_sort(converted.entries.begin(), converted.entries.end(),
                         [](const NodeEntry& a, const NodeEntry& b) {
                             return std::tie(a.mark.line, a.mark.column) < std::tie(b.mark.line, b.mark.column);
                         });
        return converted;
    }

    Mark mark(const toml::source_region& region) const
    {
        if (!with_lines_) {
            return {file_, 0, 0};
        }
        return {file_, static_cast<int>(region.begin.line), static_cast<int>(region.begin.column)};
    }

    std::string file_;
    bool with_lines_;
};

/// "Error while parsing string: …" → "…", of the parser's own words only what the user can act on.
std::string plain_reason(std::string_view description)
{
    constexpr std::string_view prefix = "Error while parsing ";
    if (description.starts_with(prefix)) {
        description.remove_prefix(prefix.size());
    }
    return std::string(description);
}

} // namespace

std::variant<Node, Problem> read_toml(std::string_view text, const std::string& file)
{
    try {
        return Converter(file, true).convert(toml::parse(text, file));
    } catch (const toml::parse_error& error) {
        const auto at = error.source().begin;
        return Problem{{file, static_cast<int>(at.line), static_cast<int>(at.column), ""},
                       fmt::format("not valid TOML ({}); expected TOML 1.0", plain_reason(error.description()))};
    }
}

std::optional<Node> read_toml_value(std::string_view text, const std::string& file)
{
    try {
        const auto document = toml::parse(fmt::format("value = {}", text));
        if (document.size() != 1) {
            return std::nullopt;
        }
        return Converter(file, false).convert(*document.get("value"));
    } catch (const toml::parse_error&) {
        return std::nullopt;
    }
}

std::optional<std::vector<std::string>> read_toml_key(std::string_view text)
{
    if (text.find('\n') != std::string_view::npos) { // "[a]\nb" would be a document, not a key
        return std::nullopt;
    }
    try {
        const auto document = toml::parse(fmt::format("{} = 0", text));
        std::vector<std::string> parts;
        const toml::table* table = &document;
        while (table != nullptr) {
            const toml::table* inner = nullptr;
            for (const auto& [key, value] : *table) {
                parts.emplace_back(key.str());
                inner = value.as_table();
                if (table->size() != 1 || (inner == nullptr && !value.is_integer())) {
                    return std::nullopt;
                }
            }
            table = inner;
        }
        return parts.empty() ? std::nullopt : std::optional(std::move(parts)); // "#" makes all of it a comment
    } catch (const toml::parse_error&) {
        return std::nullopt;
    }
}

} // namespace squall::scenario
