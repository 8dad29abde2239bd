#include "analysis/trend.hpp"

#include "analysis/amount.hpp"
#include "analysis/slope.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace squall::analysis {
namespace {

constexpr double dropped_share = 0.2;
constexpr std::size_t least_samples = 24;
constexpr double steady_within = 0.05;
constexpr double count_threshold = 4.604; // of t with 4 degrees of freedom, one-sided 0.5 %
constexpr double memory_threshold = 14.6;
constexpr double t4_95 = 2.776; // two-sided
constexpr double least_growth = 5;
constexpr double decelerates = 3.5;
constexpr double slower_by = 0.7;
constexpr double still_grows = 0.5;
constexpr double step_share = 0.7;     // of the squares of the line that the best step may leave
constexpr double poisson_factor = 1.2; // Var of the slope of a Poisson process seen by K block means: 1.2·b/K

using Values = std::span<const double>;

/// Of the best constant level before and another behind one step.
double squares_around_a_step(Values values)
{
    const auto squares = [](Values part) {
        const double mean = std::accumulate(part.begin(), part.end(), 0.0) / static_cast<double>(part.size());
        return std::accumulate(part.begin(), part.end(), 0.0,
                               [mean](double sum, double value) { return sum + (value - mean) * (value - mean); });
    };
    double best = std::numeric_limits<double>::infinity();
    for (std::size_t at = 1; at < values.size(); ++at) {
        best = std::min(best, squares(values.first(at)) + squares(values.subspan(at)));
    }
    return best;
}

/// Between the ends as they are: the line through a few steps rises further than they do.
double rise_of(Values values)
{
    constexpr std::size_t end = 3;
    return (std::accumulate(values.end() - end, values.end(), 0.0) -
            std::accumulate(values.begin(), values.begin() + end, 0.0)) /
           static_cast<double>(end);
}

double threshold(GaugeKind kind)
{
    return kind == GaugeKind::memory ? memory_threshold : count_threshold;
}

/// D, and whether it says that the growth comes to an end.
struct Deceleration {
    double size = 0;
    bool found = false;
    double first_slope = 0;
};

Deceleration find_deceleration(Values values, GaugeKind kind, double slope)
{
    const auto half = values.size() / 2;
    const auto first = fit_line(values.first(half));
    const auto second = fit_line(values.last(half));
    double variance = first.plain_error * first.plain_error + second.plain_error * second.plain_error;
    if (kind == GaugeKind::count) {
        variance += 2 * poisson_factor * std::max(slope, 0.0) / static_cast<double>(half);
    }
    const double difference = first.slope - second.slope;
    Deceleration found;
    found.first_slope = first.slope;
    found.size = variance > 0 ? difference / std::sqrt(variance) : 0;
    found.found = found.size > decelerates && second.slope < slower_by * first.slope;
    return found;
}

Estimate interval(const Line& line, GaugeKind kind, std::size_t blocks)
{
    double squared = std::pow(t4_95 * line.error, 2);
    if (kind == GaugeKind::count) {
        squared += 1.96 * 1.96 * poisson_factor * std::max(line.slope, 0.0) / static_cast<double>(blocks);
    }
    const double half = std::sqrt(squared);
    return {line.slope, line.slope - half, line.slope + half};
}

Estimate times(const Estimate& estimate, double factor)
{
    return {estimate.value * factor, estimate.low * factor, *estimate.high * factor};
}

Trend say(Trend trend, Trend::Shape shape, std::string why)
{
    trend.shape = shape;
    trend.why = std::move(why);
    return trend;
}

/// Drift of the rate between the halves, as a share of the first, beyond what Poisson arrivals do by chance.
double drift_of(Values operations, const PhaseSpan& steady, double load_begin)
{
    const double middle = (steady.begin + steady.end) / 2;
    const auto until = [&](double at) { return count_until(operations, at - load_begin); };
    const double first = until(middle) - until(steady.begin);
    const double second = until(steady.end) - until(middle);
    const double by_chance = 2 * std::sqrt(1 / std::max(first, 1.0) + 1 / std::max(second, 1.0));
    return first > 0 ? std::abs(second / first - 1) - by_chance : 0;
}

/// Whether the last half of the series, looked at alone, still grows as the first did.
bool goes_on(std::span<const GaugePoint> points, GaugeKind kind, double first_slope, std::size_t blocks_before)
{
    const auto half = points.last(points.size() / 2);
    const auto blocks = cut_into_blocks(half, kind);
    if (blocks.values.size() < least_blocks) {
        return false;
    }
    const auto line = fit_line(blocks.values);
    // Slopes are a block each, and these blocks are shorter.
    const double scale = static_cast<double>(blocks.values.size()) / (static_cast<double>(blocks_before) / 2);
    return line.t() > threshold(kind) && line.slope * scale >= still_grows * first_slope;
}

Trend judge(Trend trend, std::span<const GaugePoint> points, const Blocks& blocks, double meaningless)
{
    const auto line = fit_line(blocks.values);
    const auto amount = [&](double value) { return format_amount(trend.kind, value); };
    trend.t = line.t();
    trend.growth = line.slope * static_cast<double>(blocks.values.size());
    const auto slowing = find_deceleration(blocks.values, trend.kind, line.slope);
    trend.deceleration = slowing.size;
    if (slowing.found && !goes_on(points, trend.kind, slowing.first_slope, blocks.values.size())) {
        return say(trend, Trend::Shape::decelerating, "it rose ever more slowly");
    }
    if (!(trend.t > threshold(trend.kind))) {
        return say(
            trend, Trend::Shape::flat,
            fmt::format("no growth beyond its own noise (t = {:.1f}, {:.1f} needed)", trend.t, threshold(trend.kind)));
    }
    if (trend.kind == GaugeKind::count && std::min(trend.growth, rise_of(blocks.values)) < least_growth) {
        auto why = fmt::format("it grew by {}, fewer than {}", amount(rise_of(blocks.values)), least_growth);
        return say(trend, Trend::Shape::flat, std::move(why));
    }
    if (trend.kind == GaugeKind::memory && trend.growth < meaningless) {
        auto why = fmt::format("it grew by {}, less than what comes and goes without meaning", amount(trend.growth));
        return say(trend, Trend::Shape::flat, std::move(why));
    }
    if (trend.kind == GaugeKind::count && squares_around_a_step(blocks.values) < step_share * line.squares) {
        return say(trend, Trend::Shape::step, "it rose once, by a step");
    }
    auto why = fmt::format("it grew by {} under a steady load (t = {:.1f})", amount(trend.growth), trend.t);
    return say(trend, Trend::Shape::growing, std::move(why));
}

} // namespace

Trend estimate_trend(const TrendInput& input)
{
    using Shape = Trend::Shape;
    Trend trend;
    trend.kind = input.series.kind;
    if (trend.kind == GaugeKind::other) {
        return say(trend, Shape::not_enough_data, "it is neither a count of things held nor memory");
    }
    if (input.restarted) {
        return say(trend, Shape::not_enough_data, "its process was started anew during the load");
    }
    PhaseSpan steady = input.load;
    steady.begin += dropped_share * (input.load.end - input.load.begin);
    const auto points = points_between(input.series.points, steady.begin, steady.end);
    if (points.size() < least_samples) {
        return say(trend, Shape::not_enough_data,
                   fmt::format("it was read {} times under steady load; {} are needed", points.size(), least_samples));
    }
    if (const double gone = unread_for(input.series, steady.begin, steady.end); gone > 0) {
        return say(trend, Shape::not_enough_data, fmt::format("it was not read for {:.0f} s of the load", gone));
    }
    if (const double drift = drift_of(input.operations, steady, input.load.begin); drift >= steady_within) {
        return say(
            trend, Shape::not_enough_data,
            fmt::format("the load was not steady: its rate moved by more than {:.0f} %, and a gauge may follow it",
                        drift * 100));
    }
    const auto blocks = cut_into_blocks(points, trend.kind);
    trend.blocks = blocks.values.size();
    trend.statistic = blocks.statistic;
    if (trend.blocks < least_blocks) {
        return say(trend, Shape::not_enough_data,
                   fmt::format("it saws too slowly for the length of the load: {} falls fit, {} are needed",
                               trend.blocks, least_blocks));
    }
    const auto slope = interval(fit_line(blocks.values), trend.kind, trend.blocks);
    const double block_seconds = (blocks.times.back() - blocks.times.front()) / static_cast<double>(trend.blocks - 1);
    trend.per_hour = times(slope, 3600 / block_seconds);
    trend.theil_sen_per_hour = median_of_slopes(blocks.values) * 3600 / block_seconds;
    const double operations = count_until(input.operations, steady.end - input.load.begin) -
                              count_until(input.operations, steady.begin - input.load.begin);
    if (operations > 0) {
        trend.per_1000_operations = times(slope, static_cast<double>(trend.blocks) / (operations / 1000));
    }
    return judge(trend, points, blocks, meaningless_amount(input.series.name));
}

} // namespace squall::analysis
