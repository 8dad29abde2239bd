// Durations, ranges of durations and rates, with a suggestion for the unit that was meant.
#include "base/text.hpp"
#include "scenario/shapes/scalars.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace squall::scenario {
namespace {

constexpr std::string_view duration_expected = "a duration such as \"250ms\", \"10s\", \"1m30s\" or \"2h\"";
constexpr std::string_view rate_expected = "a rate such as \"200/s\", \"90/m\" or \"1000/h\"";
constexpr std::string_view range_expected = "a duration such as \"2s\", or a range such as \"1s..3s\"";

struct SpelledUnit {
    std::string_view spelling;
    std::string_view unit;
};

constexpr std::array<SpelledUnit, 26> spelled_units{
    {{"s", "s"},   {"sec", "s"},          {"secs", "s"},          {"second", "s"},  {"seconds", "s"},
     {"ms", "ms"}, {"msec", "ms"},        {"msecs", "ms"},        {"milli", "ms"},  {"millis", "ms"},
     {"us", "us"}, {"millisecond", "ms"}, {"milliseconds", "ms"}, {"micros", "us"}, {"microseconds", "us"},
     {"m", "m"},   {"min", "m"},          {"mins", "m"},          {"minute", "m"},  {"minutes", "m"},
     {"h", "h"},   {"hr", "h"},           {"hrs", "h"},           {"hour", "h"},    {"hours", "h"},
     {"days", "d"}}};

std::optional<std::string> unit_meant(std::string_view word)
{
    std::string lower(trim(word));
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    for (const auto& [spelling, unit] : spelled_units) {
        if (spelling == lower) {
            return std::string(unit);
        }
    }
    return std::nullopt;
}

/// "10 sec" → "10s".
std::optional<std::string> duration_meant(std::string_view text)
{
    auto rest = trim(text);
    const auto start = rest;
    if (!take_number(rest)) {
        return std::nullopt;
    }
    const auto number = start.substr(0, start.size() - rest.size());
    const auto unit = trim(rest).empty() ? std::optional<std::string>("s") : unit_meant(rest);
    return unit ? std::optional<std::string>(fmt::format("{}{}", number, *unit)) : std::nullopt;
}

/// "200 per second", "200/sec", "200 rps" → "200/s".
std::optional<std::string> rate_meant(std::string_view text)
{
    auto rest = trim(text);
    const auto start = rest;
    if (!take_number(rest)) {
        return std::nullopt;
    }
    const auto number = start.substr(0, start.size() - rest.size());
    rest = trim(rest);
    for (const std::string_view between : {"/", "per "}) {
        if (rest.starts_with(between)) {
            const auto unit = unit_meant(rest.substr(between.size()));
            return unit ? std::optional<std::string>(fmt::format("{}/{}", number, *unit)) : std::nullopt;
        }
    }
    if (rest.empty() || rest == "rps" || rest == "qps" || rest == "Hz") {
        return fmt::format("{}/s", number);
    }
    return std::nullopt;
}

std::string did_you_mean(const std::optional<std::string>& meant)
{
    return meant ? fmt::format("; did you mean \"{}\"?", *meant) : std::string();
}

std::string number_hint(const Node& node, std::string_view unit)
{
    const bool is_number = node.as<std::int64_t>() != nullptr || node.as<double>() != nullptr;
    return is_number ? fmt::format("; did you mean \"{}{}\"?", scalar_text(node), unit) : std::string();
}

/// As few units as say it exactly: the reverse of parse_duration.
std::string write_duration(const Duration& value)
{
    struct Unit {
        std::string_view name;
        Duration length;
    };
    using namespace std::chrono_literals;
    constexpr std::array<Unit, 6> units{{{"h", 1h}, {"m", 1min}, {"s", 1s}, {"ms", 1ms}, {"us", 1us}, {"ns", 1ns}}};
    if (value == Duration::zero()) {
        return "0s";
    }
    std::string written;
    Duration rest = value;
    for (const auto& unit : units) {
        if (const auto count = rest / unit.length; count > 0) {
            written += fmt::format("{}{}", count, unit.name);
            rest -= count * unit.length;
        }
    }
    return written;
}

const std::string duration_grammar = R"(([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h|d))+)";

boost::json::object pattern(const std::string& grammar)
{
    // A value may also come from the environment.
    return {{"pattern", fmt::format(R"(^{}$|\$\{{env\.)", grammar)}};
}

Result<Duration> read_duration(const std::string& text)
{
    auto parsed = parse_duration(text);
    if (parsed) {
        return parsed;
    }
    return fail("{}{}", parsed.error().message, did_you_mean(duration_meant(text)));
}

StringRules<Duration> duration_rules()
{
    StringRules<Duration> rules;
    rules.expected = duration_expected;
    rules.schema = pattern(duration_grammar);
    rules.parse = [](const std::string& text, const Cursor&) { return read_duration(text); };
    rules.show = write_duration;
    rules.hint = [](const Node& node) { return number_hint(node, "s"); };
    return rules;
}

} // namespace

ShapePtr<Duration> duration()
{
    return string_shape(duration_rules());
}

ShapePtr<Duration> positive_duration()
{
    auto rules = duration_rules();
    rules.parse = [](const std::string& text, const Cursor&) -> Result<Duration> {
        auto parsed = read_duration(text);
        if (parsed && *parsed <= Duration::zero()) {
            return fail("\"{}\" is out of range; expected a duration above 0", text);
        }
        return parsed;
    };
    return string_shape(std::move(rules));
}

ShapePtr<DurationRange> duration_range()
{
    StringRules<DurationRange> rules;
    rules.expected = range_expected;
    rules.schema = pattern(fmt::format(R"({}(\.\.{})?)", duration_grammar, duration_grammar));
    rules.hint = [](const Node& node) { return number_hint(node, "s"); };
    rules.show = [](const DurationRange& range) {
        return range.low == range.high ? write_duration(range.low)
                                       : write_duration(range.low) + ".." + write_duration(range.high);
    };
    rules.parse = [](const std::string& text, const Cursor&) -> Result<DurationRange> {
        const auto dots = text.find("..");
        const auto low = read_duration(text.substr(0, dots));
        if (!low) {
            return low.error();
        }
        if (dots == std::string::npos) {
            return DurationRange{*low, *low};
        }
        const auto high = read_duration(text.substr(dots + 2));
        if (!high) {
            return high.error();
        }
        if (*low > *high) {
            return fail("\"{}\" falls; expected the shorter time first, such as \"{}..{}\"", text,
                        text.substr(dots + 2), text.substr(0, dots));
        }
        return DurationRange{*low, *high};
    };
    return string_shape(std::move(rules));
}

ShapePtr<Rate> rate()
{
    StringRules<Rate> rules;
    rules.expected = rate_expected;
    rules.schema = pattern(R"([0-9]+(\.[0-9]+)?/(ms|s|m|min|h))");
    rules.hint = [](const Node& node) { return number_hint(node, "/s"); };
    rules.parse = [](const std::string& text, const Cursor&) -> Result<Rate> {
        auto parsed = parse_rate(text);
        if (parsed) {
            return parsed;
        }
        return fail("{}{}", parsed.error().message, did_you_mean(rate_meant(text)));
    };
    return string_shape(std::move(rules));
}

} // namespace squall::scenario
