#include "reporters/numbers.hpp"

#include "base/quantity.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace squall::reporters {
namespace {

constexpr std::string_view unknown = "–";

/// Three digits with their zeros: figures of a column keep their precision in sight.
std::string three_digits(double value)
{
    const double size = std::abs(value);
    return size >= 99.95   ? fmt::format("{:.0f}", value)
           : size >= 9.995 ? fmt::format("{:.1f}", value)
                           : fmt::format("{:.2f}", value);
}

/// Three digits: an estimate has no more.
std::string estimated_text(double amount)
{
    if (!std::isfinite(amount)) {
        return std::string(unknown);
    }
    if (std::abs(amount) < 999.5) {
        return format_significant(amount);
    }
    if (std::abs(amount) >= 1e15) {
        return fmt::format("{:.3g}", amount);
    }
    const double step = std::pow(10, std::floor(std::log10(std::abs(amount))) - 2);
    return format_thousands(std::llround(std::round(amount / step) * step));
}

std::string with_unit(const std::string& number, std::string_view unit)
{
    return unit.empty() ? number : fmt::format("{} {}", number, unit);
}

} // namespace

std::string latency_text(double seconds)
{
    if (!std::isfinite(seconds)) {
        return std::string(unknown);
    }
    if (seconds < 0) {
        return "-" + latency_text(-seconds);
    }
    if (seconds == 0) {
        return "0s";
    }
    if (seconds < 999.5e-6) {
        return fmt::format("{:.{}f}µs", seconds * 1e6, seconds < 9.95e-6 ? 1 : 0);
    }
    if (seconds < 999.5e-3) {
        return three_digits(seconds * 1e3) + "ms";
    }
    return seconds < 59.95 ? three_digits(seconds) + "s" : format_duration(from_seconds(std::round(seconds)));
}

std::string seconds_text(double seconds)
{
    const bool whole = seconds >= 1 && seconds < 59.95 && std::abs(seconds - std::round(seconds)) < 1e-9;
    return whole ? fmt::format("{:.0f}s", seconds) : latency_text(seconds);
}

std::string count_text(std::uint64_t count)
{
    return format_thousands(static_cast<long long>(count));
}

std::string amount_text(double amount)
{
    const bool whole = amount == std::round(amount) && std::abs(amount) < 1e15;
    return whole ? format_thousands(std::llround(amount)) : estimated_text(amount);
}

std::string rate_text(double per_second)
{
    return per_second >= 0 && std::isfinite(per_second) ? format_rate(Rate::per_second(per_second))
                                                        : std::string(unknown);
}

std::string share_text(double share)
{
    return std::isfinite(share) ? format_significant(share * 100) + "%" : std::string(unknown);
}

std::string bytes_text(double bytes)
{
    if (!std::isfinite(bytes) || std::abs(bytes) >= 9e18) {
        return std::string(unknown);
    }
    return (bytes < 0 ? "-" : "") +
           format_bytes(ByteCount{static_cast<std::uint64_t>(std::llabs(std::llround(bytes)))});
}

std::string change_text(double change)
{
    if (!std::isfinite(change)) {
        return std::string(unknown);
    }
    if (change >= 9) {
        return "×" + amount_text(change + 1);
    }
    const double percent = std::abs(change) * 100;
    const auto size = percent >= 9.95 ? fmt::format("{:.0f}%", percent) : fmt::format("{:.1f}%", percent);
    return size == "0.0%" ? "0%" : (change > 0 ? "+" : "−") + size;
}

std::string clock_text(double seconds)
{
    if (!std::isfinite(seconds)) {
        return std::string(unknown);
    }
    const auto whole = std::llround(std::floor(seconds));
    return whole < 3600 ? fmt::format("{}:{:02}", whole / 60, whole % 60)
                        : fmt::format("{}:{:02}:{:02}", whole / 3600, whole % 3600 / 60, whole % 60);
}

std::string plural(std::uint64_t count, std::string_view one)
{
    return fmt::format("{} {}{}", count_text(count), one, count == 1 ? "" : "s");
}

std::string gauge_text(double value, std::string_view unit)
{
    return unit == "bytes"     ? bytes_text(value)
           : unit == "seconds" ? seconds_text(value)
                               : with_unit(amount_text(value), unit);
}

std::string estimate_text(const result::Estimate& estimate, std::string_view unit)
{
    const auto text = [&](double value) {
        const bool scaled = unit == "bytes" || unit == "seconds";
        return scaled ? gauge_text(value, unit) : with_unit(estimated_text(value), unit);
    };
    const auto between = estimate.low < 0 ? " to " : "–"; // a dash beside a minus cannot be read
    return fmt::format("{} [{}{}{}]", text(estimate.value), text(estimate.low), between,
                       estimate.high ? text(*estimate.high) : "∞");
}

std::string unit_text(double value, result::Unit unit)
{
    switch (unit) {
    case result::Unit::seconds:
        return latency_text(value);
    case result::Unit::bytes:
        return bytes_text(value);
    case result::Unit::share:
        return share_text(value);
    case result::Unit::per_second:
        return rate_text(value);
    case result::Unit::per_hour:
        return estimated_text(value) + "/h";
    case result::Unit::per_1000_operations:
        return estimated_text(value) + " per 1,000";
    case result::Unit::text:
    case result::Unit::count:
        break;
    }
    return amount_text(value);
}

} // namespace squall::reporters
