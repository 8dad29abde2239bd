#include "scenario/cursor.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace squall::scenario {
namespace {

bool is_bare_key(std::string_view key)
{
    return !key.empty() && std::all_of(key.begin(), key.end(), [](unsigned char letter) {
        return std::isalnum(letter) != 0 || letter == '_' || letter == '-';
    });
}

} // namespace

Place Cursor::place_of(const Mark& mark, const std::string& path)
{
    return {mark.file, mark.line, mark.column, path};
}

Cursor Cursor::child(const NodeEntry& entry) const
{
    auto key = is_bare_key(entry.key) ? entry.key : fmt::format("\"{}\"", entry.key);
    return {entry.value, *reading_, path_.empty() ? std::move(key) : path_ + "." + key, &entry.mark};
}

Cursor Cursor::item(const Node& node, std::string_view name) const
{
    return {node, *reading_, fmt::format("{}[{}]", path_, name), nullptr};
}

bool Cursor::has(std::string_view key) const
{
    const auto* table = node_->as<NodeTable>();
    return table != nullptr && table->find(key) != nullptr;
}

Cursor Cursor::at(std::string_view key) const
{
    const auto* table = node_->as<NodeTable>();
    const auto* entry = table != nullptr ? table->find(key) : nullptr;
    return entry != nullptr ? child(*entry) : *this;
}

std::optional<std::string> Cursor::text(std::string_view expected, std::string_view hint) const
{
    if (const auto* written = node_->as<std::string>()) {
        return expand_environment(*written);
    }
    report_type(expected, hint);
    return std::nullopt;
}

std::optional<std::string> Cursor::expand_environment(std::string_view text) const
{
    constexpr std::string_view opening = "${env.";
    std::string expanded;
    for (;;) {
        const auto start = text.find(opening);
        expanded.append(text.substr(0, start));
        if (start == std::string_view::npos) {
            return expanded;
        }
        text.remove_prefix(start + opening.size());
        const auto end = text.find('}');
        if (end == std::string_view::npos) {
            report("opens a \"${\" that is never closed; expected ${env.NAME}");
            return std::nullopt;
        }
        const auto value = environment(text.substr(0, end));
        if (!value) {
            return std::nullopt;
        }
        expanded.append(*value);
        text.remove_prefix(end + 1);
    }
}

std::optional<std::string> Cursor::environment(std::string_view name) const
{
    auto value = reading_->environment(std::string(name));
    if (!value && !reading_->environment_may_be_missing) {
        report(fmt::format("the environment variable {} is not set; expected it for ${{env.{}}}", name, name));
    }
    return value;
}

void Cursor::report(std::string message) const
{
    reading_->problems.push_back({place(), std::move(message)});
}

void Cursor::report_at_key(std::string message) const
{
    reading_->problems.push_back({key_place(), std::move(message)});
}

void Cursor::report_type(std::string_view expected, std::string_view hint) const
{
    report(fmt::format("found {}; expected {}{}", describe(*node_), expected, hint));
}

std::string suggestion(std::string_view word, const std::vector<std::string>& candidates)
{
    if (const auto near = closest_match(word, candidates)) {
        return fmt::format("; did you mean \"{}\"?", *near);
    }
    if (candidates.empty()) {
        return "; expected none here";
    }
    return fmt::format("; expected {}{}", candidates.size() > 1 ? "one of " : "", join(candidates, ", "));
}

} // namespace squall::scenario
