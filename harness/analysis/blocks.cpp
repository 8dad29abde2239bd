#include "analysis/blocks.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace squall::analysis {
namespace {

constexpr double reset_share = 0.6; // of the range
constexpr double least_resets = 3;
constexpr double least_upward = 0.6; // of the steps that move
constexpr double least_period = 5;
constexpr double least_range = 0.25; // of the rise from end to end
constexpr double periods_a_block = 1.5;
constexpr double far_out = 6; // robust standard deviations

double mean_of(std::span<const double> values)
{
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double middle_half_mean(std::vector<double> values)
{
    std::ranges::sort(values);
    const auto quarter = values.size() / 4;
    return mean_of(std::span(values).subspan(quarter, values.size() - 2 * quarter));
}

/// Rare readings far from the others, as a burst leaves them.
bool is_spiky(std::span<const double> values)
{
    const auto level = detrended(values);
    const double middle = quantile_of(level, 0.5);
    std::vector<double> distances;
    distances.reserve(level.size());
    for (const double value : level) {
        distances.push_back(std::abs(value - middle));
    }
    const double deviation = 1.4826 * quantile_of(distances, 0.5); // of a normal sample, from its median distance
    const auto out = std::ranges::count_if(
        distances, [&](double distance) { return distance > far_out * deviation && distance > 1; });
    return out > 0 && static_cast<double>(out) < 0.1 * static_cast<double>(values.size());
}

double value_of(std::span<const double> block, Blocks::Statistic statistic)
{
    switch (statistic) {
    case Blocks::Statistic::mean:
        return mean_of(block);
    case Blocks::Statistic::trimmed_mean:
        return middle_half_mean({block.begin(), block.end()});
    case Blocks::Statistic::tenth_percentile:
        return quantile_of({block.begin(), block.end()}, 0.1);
    case Blocks::Statistic::minimum:
        return std::ranges::min(block);
    }
    return 0;
}

} // namespace

double quantile_of(std::vector<double> values, double share)
{
    std::ranges::sort(values);
    const double rank = share * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(rank);
    const auto above = std::min(below + 1, values.size() - 1);
    return values[below] + (values[above] - values[below]) * (rank - static_cast<double>(below));
}

std::vector<double> detrended(std::span<const double> values)
{
    const auto tenth = std::max<std::size_t>(1, values.size() / 10);
    const double first = quantile_of({values.begin(), values.begin() + static_cast<std::ptrdiff_t>(tenth)}, 0.5);
    const double last = quantile_of({values.end() - static_cast<std::ptrdiff_t>(tenth), values.end()}, 0.5);
    const auto apart = static_cast<double>(values.size() - tenth); // from middle to middle of the end tenths
    std::vector<double> level(values.begin(), values.end());
    for (std::size_t at = 0; at < level.size() && apart > 0; ++at) {
        level[at] -= (last - first) / apart * static_cast<double>(at);
    }
    return level;
}

std::optional<Sawtooth> find_sawtooth(std::span<const double> values)
{
    if (values.size() < 2 * static_cast<std::size_t>(least_period)) {
        return std::nullopt;
    }
    const auto level = detrended(values);
    const double range = quantile_of(level, 0.95) - quantile_of(level, 0.05);
    const double rise = level.front() - values.front() + values.back() - level.back();
    if (range <= 0 || range < least_range * std::abs(rise)) {
        return std::nullopt;
    }
    Sawtooth sawtooth{0, 0, range};
    std::size_t first = 0;
    std::size_t last = 0;
    std::size_t upward = 0;
    std::size_t moving = 0;
    for (std::size_t at = 1; at < level.size(); ++at) {
        upward += level[at] > level[at - 1] ? 1 : 0;
        moving += level[at] != level[at - 1] ? 1 : 0;
        const double before = std::max(level[at - 1], at >= 2 ? level[at - 2] : level[at - 1]);
        const bool falls = before - level[at] > reset_share * range;
        if (falls && (sawtooth.resets == 0 || at > last + 2)) {
            first = sawtooth.resets == 0 ? at : first;
            last = at;
            ++sawtooth.resets;
        }
    }
    if (sawtooth.resets < least_resets || static_cast<double>(upward) < least_upward * static_cast<double>(moving)) {
        return std::nullopt;
    }
    sawtooth.period = static_cast<double>(last - first) / (sawtooth.resets - 1);
    return sawtooth.period >= least_period ? std::optional(sawtooth) : std::nullopt;
}

Blocks cut_into_blocks(std::span<const GaugePoint> points, GaugeKind kind)
{
    std::vector<double> values;
    for (const auto& point : points) {
        values.push_back(point.value);
    }
    Blocks blocks;
    auto count = most_blocks;
    if (const auto sawtooth = find_sawtooth(values)) {
        blocks.statistic = Blocks::Statistic::minimum;
        blocks.period = sawtooth->period;
        const double room = static_cast<double>(values.size()) / (periods_a_block * sawtooth->period);
        count = std::min(most_blocks, static_cast<std::size_t>(room));
    } else if (kind == GaugeKind::memory) {
        blocks.statistic = Blocks::Statistic::tenth_percentile;
    } else if (!values.empty() && is_spiky(values)) {
        blocks.statistic = Blocks::Statistic::trimmed_mean;
    }
    count = std::min(count, values.size());
    for (std::size_t block = 0; block < count; ++block) {
        const auto begin = block * values.size() / count;
        const auto end = (block + 1) * values.size() / count;
        blocks.values.push_back(value_of(std::span(values).subspan(begin, end - begin), blocks.statistic));
        blocks.times.push_back((points[begin].at_seconds + points[end - 1].at_seconds) / 2);
    }
    return blocks;
}

} // namespace squall::analysis
