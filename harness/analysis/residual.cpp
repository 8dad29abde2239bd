#include "analysis/residual.hpp"

#include "analysis/amount.hpp"
#include "analysis/floor.hpp"
#include "base/assert.hpp"
#include "base/text.hpp"

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <cmath>

namespace squall::analysis {
namespace {

constexpr std::size_t least_samples = 24;
constexpr double collector_slack = 24e6;          // bytes: true nulls of collected processes move by up to 22 MB
constexpr double collected_slack = 1024.0 * 1024; // pages come and go without meaning

/// Above a million degrees by the approximation of Wilson and Hilferty (PNAS 17, 1931), right to 1e-9 there: the series
/// of the exact quantile gives up.
double half_chi_squared(double probability, double degrees)
{
    constexpr double many_degrees = 1e6;
    if (degrees <= 0) {
        return 0;
    }
    if (degrees > many_degrees) {
        const double spread = 2 / (9 * degrees);
        const double z = boost::math::quantile(boost::math::normal(), probability);
        return degrees / 2 * std::pow(1 - spread + z * std::sqrt(spread), 3);
    }
    return boost::math::quantile(boost::math::chi_squared(degrees), probability) / 2;
}

double student(double probability, double degrees)
{
    return boost::math::quantile(boost::math::students_t(std::max(degrees, 1.0)), probability);
}

/// Half the width of the interval of a MEMORY residual, at this quantile of t.
double memory_slack(const ResidualInput& input, const Floor& baseline, const Floor& last, double probability)
{
    const double degrees = static_cast<double>(baseline.samples + last.samples) - 2;
    const double spread = student(probability, degrees) * std::hypot(baseline.deviation, last.deviation);
    if (input.collected && !is_resident(input.series.name)) {
        return std::max(spread, collected_slack);
    }
    return std::max({spread, detrended_range(input), meaningless_amount(input.series.name),
                     input.garbage_collected ? collector_slack : 0});
}

Estimate per(const Estimate& residual, double exposure)
{
    return {residual.value / exposure, residual.low / exposure,
            residual.high ? std::optional(*residual.high / exposure) : std::nullopt};
}

void derive(const ResidualInput& input, ResidualEstimate& estimate)
{
    const double residual = estimate.last->value - estimate.baseline->value;
    if (input.series.kind == GaugeKind::memory) {
        const double slack = memory_slack(input, *estimate.baseline, *estimate.last, 0.975);
        estimate.residual = {residual, residual - slack, residual + slack};
        estimate.upper = std::max(residual, 0.0) + memory_slack(input, *estimate.baseline, *estimate.last, 0.95);
    } else {
        estimate.residual = garwood_interval(std::max(residual, 0.0));
        estimate.residual.value = residual;
        estimate.upper = one_sided_upper_count(std::max(residual, 0.0));
    }
    if (input.exposure.hours > 0) {
        estimate.per_hour = per(estimate.residual, input.exposure.hours);
        estimate.upper_per_hour = estimate.upper / input.exposure.hours;
    }
    if (input.exposure.operations > 0) {
        estimate.per_1000_operations = per(estimate.residual, input.exposure.operations / 1000);
        estimate.upper_per_1000_operations = estimate.upper / (input.exposure.operations / 1000);
    }
}

void say_not_enough(ResidualEstimate& estimate, std::string why, std::string what_more)
{
    estimate.verdict = LeakVerdict::not_enough_data;
    estimate.why = std::move(why);
    estimate.what_more = std::move(what_more);
}

void say_retained(ResidualEstimate& estimate)
{
    const auto amount = [&](double value) { return format_amount(estimate.kind, value); };
    estimate.verdict = LeakVerdict::retained;
    estimate.why = fmt::format("{} held after quiesce, {} before the load", amount(estimate.last->value),
                               amount(estimate.baseline->value));
    if (estimate.cold_baseline) {
        estimate.why += "; there was no primer, so what is opened once and kept counts too";
        estimate.what_more = "a primer before the load sets apart what is opened once and kept";
    }
}

void say_no_leak(ResidualEstimate& estimate)
{
    estimate.verdict = LeakVerdict::no_leak;
    const double unit = estimate.kind == GaugeKind::memory ? 1024.0 * 1024 : 1;
    const auto bound = [&](double rate) { return format_amount(estimate.kind, rate); };
    estimate.why = "no leak";
    if (estimate.upper_per_hour) {
        estimate.why += fmt::format(" above {}/h", bound(*estimate.upper_per_hour));
        const double hours = estimate.kind == GaugeKind::memory ? estimate.upper / unit : exposure_to_show(1);
        if (*estimate.upper_per_hour > unit) {
            estimate.what_more = fmt::format("a clean run of {:.1f} h would show < {}/h", hours, bound(unit));
        }
    }
    if (estimate.upper_per_1000_operations) {
        estimate.why += fmt::format("{} {} per 1000 operations", estimate.upper_per_hour ? " or" : " above",
                                    bound(*estimate.upper_per_1000_operations));
    }
    estimate.why += " (95 %)";
}

std::size_t samples_from_baseline_on(const ResidualInput& input, const ResidualEstimate& estimate)
{
    return points_between(input.series.points, estimate.baseline->begin, estimate.last->end).size();
}

/// What stands against any verdict; true when something does.
bool lacks_data(const ResidualInput& input, const FloorReading& baseline, const FloorReading& last,
                ResidualEstimate& estimate)
{
    if (input.series.kind == GaugeKind::other) {
        say_not_enough(estimate, "it is neither a count of things held nor memory", "");
        return true;
    }
    if (input.restarted) {
        say_not_enough(estimate, "its process was started anew during the run", "a run without a restart");
        return true;
    }
    // A level that only ever fell, and ended no higher than it began, is an upper bound of the true one.
    const bool harmless_fall = last.falling && baseline.floor && last.floor->value <= baseline.floor->value;
    for (const auto* reading : {&baseline, &last}) {
        if (!reading->problem.empty() && !(reading == &last && harmless_fall)) {
            say_not_enough(estimate, reading->problem, reading->way_out);
            return true;
        }
    }
    if (const auto samples = samples_from_baseline_on(input, estimate); samples < least_samples) {
        say_not_enough(estimate, fmt::format("it was read only {} times; {} are needed", samples, least_samples),
                       "a longer run, or a probe that reads more often");
        return true;
    }
    return false;
}

} // namespace

Estimate garwood_interval(double count)
{
    SQUALL_ASSERT(count >= 0);
    return {count, half_chi_squared(0.025, 2 * count), half_chi_squared(0.975, 2 * count + 2)};
}

double one_sided_upper_count(double count)
{
    SQUALL_ASSERT(count >= 0);
    return half_chi_squared(0.95, 2 * count + 2);
}

double exposure_to_show(double rate, double count)
{
    SQUALL_ASSERT(rate > 0);
    return one_sided_upper_count(count) / rate;
}

ResidualEstimate estimate_residual(const ResidualInput& input)
{
    ResidualEstimate estimate;
    estimate.gauge = input.series.name;
    estimate.kind = input.series.kind;
    estimate.exposure = input.exposure;
    const auto baseline = read_baseline(input, estimate.cold_baseline);
    const auto last = read_last(input);
    estimate.baseline = baseline.floor;
    estimate.last = last.floor;
    if (estimate.baseline && estimate.last) {
        derive(input, estimate);
    }
    if (lacks_data(input, baseline, last, estimate)) {
        return estimate;
    }
    if (estimate.residual.low > 0) {
        say_retained(estimate);
    } else {
        say_no_leak(estimate);
    }
    return estimate;
}

} // namespace squall::analysis
