#include "analysis/leak_verdict.hpp"

#include "analysis/amount.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace squall::analysis {
namespace {

constexpr double least_agreement = 0.5;
constexpr double most_agreement = 2;
constexpr double uncollected = 64.0 * 1024 * 1024; // V8's kExternalAllocationSoftLimit

constexpr const char* more_cycles = "more cycles of load and quiesce: leak_check = \"standard\"";

CycleVerdict judge_growing(const CycleInput& input)
{
    const auto& residual = input.residual;
    const auto& trend = input.trend;
    const auto amount = [&](double value) { return format_amount(residual.kind, value); };
    const double grown = trend.per_hour ? trend.per_hour->value * residual.exposure.hours : trend.growth;
    if (residual.residual.low <= 0 && residual.residual.value > least_agreement * grown) {
        return {LeakVerdict::unclear,
                fmt::format("{}; the {} that it kept are fewer than what such memory moves by itself", trend.why,
                            amount(residual.residual.value)),
                "a longer load"};
    }
    if (residual.residual.low <= 0) {
        return {LeakVerdict::grows_but_releases, fmt::format("{}, and gave it back after the load", trend.why),
                "a longer load: does it reach a level?"};
    }
    const double agreement = grown / residual.residual.value;
    if (agreement < least_agreement || agreement > most_agreement) {
        return {LeakVerdict::unclear,
                fmt::format("it grew by {} under load and kept {}: two different things", amount(grown),
                            amount(residual.residual.value)),
                more_cycles};
    }
    if (input.may_be_garbage && residual.residual.value < std::max(residual.baseline->value, uncollected)) {
        return {LeakVerdict::unclear,
                fmt::format("{}; {}; its collector may not have run yet", residual.why, trend.why),
                "a hook that makes its runtime collect (service.NAME.gc in [stack]), or a longer load"};
    }
    return {LeakVerdict::suspected, fmt::format("{}; {}", residual.why, trend.why), more_cycles};
}

} // namespace

CycleVerdict judge_cycle(const CycleInput& input)
{
    const auto& residual = input.residual;
    const auto& trend = input.trend;
    const auto& declared_cap = input.declared_cap;
    if (residual.verdict == LeakVerdict::not_enough_data) {
        return {residual.verdict, residual.why, residual.what_more};
    }
    const auto amount = [&](double value) { return format_amount(residual.kind, value); };
    const bool kept = residual.residual.low > 0;
    if (declared_cap && residual.residual.value > *declared_cap) {
        return {LeakVerdict::confirmed,
                fmt::format("{}, more than its declared cap of {}", residual.why, amount(*declared_cap)), ""};
    }
    if (declared_cap && kept) {
        return {LeakVerdict::retained,
                fmt::format("{}, within its declared cap of {}", residual.why, amount(*declared_cap)), ""};
    }
    if (trend.shape == Trend::Shape::growing) {
        return judge_growing(input);
    }
    if (kept && trend.shape == Trend::Shape::decelerating) {
        return {LeakVerdict::filling, fmt::format("{}; {}", residual.why, trend.why), more_cycles};
    }
    if (kept) {
        const auto how = trend.shape == Trend::Shape::not_enough_data
                             ? "its trend under load cannot be told: " + trend.why
                             : "under load: " + trend.why;
        return {LeakVerdict::retained, fmt::format("{}; {}", residual.why, how), residual.what_more};
    }
    return {LeakVerdict::no_leak, residual.why, residual.what_more};
}

} // namespace squall::analysis
