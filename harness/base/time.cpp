#include "base/time.hpp"

#include "base/text.hpp"

#include <array>
#include <cmath>

namespace squall {
namespace {

struct TimeUnit {
    std::string_view name;
    double nanoseconds;
};

constexpr std::array<TimeUnit, 7> time_units{
    {{"d", 86400e9}, {"h", 3600e9}, {"m", 60e9}, {"s", 1e9}, {"ms", 1e6}, {"us", 1e3}, {"ns", 1}}};
constexpr double longest_nanoseconds = 3650 * 86400e9;
constexpr std::string_view accepted = "a duration such as \"250ms\", \"10s\", \"1m30s\" or \"2h\"";

Error bad_duration(std::string_view text, std::string_view why)
{
    return fail("\"{}\" is not a duration ({}); expected {}", text, why, accepted);
}

const TimeUnit* find_time_unit(std::string_view name)
{
    for (const auto& unit : time_units) {
        if (unit.name == name) {
            return &unit;
        }
    }
    return nullptr;
}

} // namespace

Result<Duration> parse_duration(std::string_view text)
{
    if (text.empty()) {
        return bad_duration(text, "empty");
    }
    double total = 0;
    double smallest = longest_nanoseconds * 2;
    std::string_view rest = text;
    while (!rest.empty()) {
        const auto number = take_number(rest);
        if (!number) {
            return bad_duration(text, "a number is missing");
        }
        const auto unit_length = rest.find_first_of("0123456789.");
        const auto name = rest.substr(0, unit_length);
        rest.remove_prefix(name.size());
        if (name.empty()) {
            return bad_duration(text, "it has no unit");
        }
        const auto* unit = find_time_unit(name);
        if (unit == nullptr) {
            return bad_duration(text, fmt::format("unknown unit \"{}\"; units are ns, us, ms, s, m, h, d", name));
        }
        if (unit->nanoseconds >= smallest) {
            return bad_duration(text, "units must fall from large to small");
        }
        smallest = unit->nanoseconds;
        total += *number * unit->nanoseconds;
    }
    if (total > longest_nanoseconds) {
        return bad_duration(text, "longer than ten years");
    }
    return Duration(static_cast<Duration::rep>(std::llround(total)));
}

std::string format_duration(Duration duration)
{
    const double ns = static_cast<double>(duration.count());
    if (ns < 0) {
        return "-" + format_duration(-duration);
    }
    if (ns >= 60e9) {
        const auto seconds = static_cast<long long>(std::llround(ns / 1e9));
        if (seconds >= 3600) {
            const auto minutes = (seconds % 3600) / 60;
            return minutes == 0 ? fmt::format("{}h", seconds / 3600) : fmt::format("{}h {}m", seconds / 3600, minutes);
        }
        return seconds % 60 == 0 ? fmt::format("{}m", seconds / 60)
                                 : fmt::format("{}m {}s", seconds / 60, seconds % 60);
    }
    if (ns >= 1e9) {
        return format_significant(ns / 1e9) + "s";
    }
    if (ns >= 1e6) {
        return format_significant(ns / 1e6) + "ms";
    }
    if (ns >= 1e3) {
        return format_significant(ns / 1e3) + "us";
    }
    return fmt::format("{}ns", duration.count());
}

} // namespace squall
