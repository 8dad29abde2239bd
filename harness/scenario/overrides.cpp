#include "scenario/overrides.hpp"

#include "base/text.hpp"
#include "scenario/read_toml.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace squall::scenario {
namespace {

const std::string override_file = "--set";

Node nested(const std::vector<std::string>& keys, Node value)
{
    const Mark mark{override_file, 0, 0};
    for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
        NodeTable table;
        table.entries.push_back({*key, mark, std::move(value)});
        value = Node{mark, std::move(table)};
    }
    return value;
}

/// As TOML writes it, on one line.
std::string written(const Node& node)
{
    if (const auto* text = node.as<std::string>()) {
        // JSON's strings are TOML's basic strings, but that JSON may leave DEL as it is and TOML must not.
        std::string quoted = boost::json::serialize(boost::json::string(*text));
        for (auto at = quoted.find('\x7f'); at != std::string::npos; at = quoted.find('\x7f', at)) {
            quoted.replace(at, 1, "\\u007f");
        }
        return quoted;
    }
    if (const auto* list = node.as<NodeList>()) {
        std::vector<std::string> items;
        for (const auto& item : list->items) {
            items.push_back(written(item));
        }
        return fmt::format("[{}]", fmt::join(items, ", "));
    }
    return scalar_text(node);
}

void collect(const NodeTable& table, const std::string& prefix, std::vector<std::string>& into)
{
    for (const auto& entry : table.entries) {
        const std::string key = prefix + entry.key;
        if (const auto* inner = entry.value.as<NodeTable>(); inner != nullptr && !inner->entries.empty()) {
            collect(*inner, key + ".", into);
        } else {
            into.push_back(fmt::format("{}={}", key, inner != nullptr ? "{}" : written(entry.value)));
        }
    }
}

} // namespace

std::vector<std::string> as_overrides(const NodeTable& table)
{
    std::vector<std::string> overrides;
    collect(table, "", overrides);
    return overrides;
}

void apply_override(const std::string& text, Node& root, const Shape& shape, Reading& reading)
{
    const auto report = [&](std::string message) {
        reading.problems.push_back({{override_file, 0, 0, ""}, std::move(message)});
    };
    const auto equals = text.find('=');
    const auto keys = equals == std::string::npos ? std::nullopt : read_toml_key(trim(text.substr(0, equals)));
    if (!keys) {
        report(fmt::format("\"{}\" is not a setting; expected key.path=value such as "
                           "user.planner.arrival.closed=50, with names in double quotes where they have blanks",
                           text));
        return;
    }
    if (keys->front() == "profile") {
        report("profiles cannot be changed here; expected the path of the value itself, such as duration=10s");
        return;
    }
    const auto written = std::string(trim(std::string_view(text).substr(equals + 1)));
    auto value = read_toml_value(written, override_file);
    if (!value) {
        value = Node{{override_file, 0, 0}, written};
    }
    const auto overlay = nested(*keys, std::move(*value));
    shape.merge(root, Cursor(overlay, reading));
}

} // namespace squall::scenario
