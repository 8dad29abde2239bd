#include "analysis/soundness.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace squall::analysis {
namespace {

constexpr double exact_up_to = 9007199254740992; // 2^53
constexpr double nearly = 0.01;                  // of a counter's range, on both sides of the fall
constexpr std::array<double, 3> ranges{65536, 2147483648, 4294967296};

bool wraps(double before, double after)
{
    return std::ranges::any_of(ranges, [=](double range) {
        return before <= range && before >= (1 - nearly) * range && after <= nearly * range;
    });
}

std::string told_at(std::string_view what, const GaugePoint& point)
{
    return fmt::format("{} at {:.1f} s", what, point.at_seconds);
}

} // namespace

std::string what_is_unsound(const GaugeSeries& series)
{
    const GaugePoint* before = nullptr;
    for (const auto& point : series.points) {
        if (!std::isfinite(point.value)) {
            return told_at("it read something that is no number", point);
        }
        if (point.value < 0) {
            return told_at(fmt::format("it read {:.6g}, and nobody holds less than nothing:", point.value), point);
        }
        if (point.value > exact_up_to) {
            return told_at(fmt::format("it read {:.3g}, more than can be counted exactly,", point.value), point);
        }
        if (before != nullptr && point.at_seconds < before->at_seconds) {
            return told_at("its readings are not in the order of time: was a clock set?", point);
        }
        if (before != nullptr && series.kind == GaugeKind::count && wraps(before->value, point.value)) {
            return told_at(fmt::format("it fell from {:.0f} to {:.0f} at once, as a counter does that wraps,",
                                       before->value, point.value),
                           point);
        }
        before = &point;
    }
    return {};
}

} // namespace squall::analysis
