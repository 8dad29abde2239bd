// A gauge under load as a few block values: what estimator A (trend.hpp) fits its line to.
//
// A block's value is its mean for a COUNT, the mean of its middle half where single readings stand far out, its 10th
// percentile for MEMORY, and its minimum for a sawtooth: what rises and is cut back, over and over, is judged by the
// level to which it is cut back.
//
// Sawtooth: detrended by the line through the medians of the end tenths, range Rg = p95 − p5, a reset is a fall of more
// than 0.6·Rg within two readings. A sawtooth has at least 3 resets, rises in at least 60 % of its steps that move,
// takes at least 5 readings from reset to reset, and its range is at least a quarter of the rise from end to end
// (a steep filling is none). It is cut into at most n / (1.5 · period) blocks, so that each holds a reset.
#pragma once

#include "analysis/series.hpp"

#include <span>
#include <vector>

namespace squall::analysis {

inline constexpr std::size_t most_blocks = 24;
inline constexpr std::size_t least_blocks = 12;

struct Sawtooth {
    double resets = 0;
    double period = 0; // readings from reset to reset
    double range = 0;  // p95 − p5, detrended
};

struct Blocks {
    enum class Statistic { mean, trimmed_mean, tenth_percentile, minimum };
    Statistic statistic = Statistic::mean;
    std::vector<double> values; // fewer than least_blocks: the series says nothing
    std::vector<double> times;  // of the blocks' middles, seconds
    double period = 0;          // of a sawtooth, in readings; 0: none
};

/// `points` in the order of time, evenly spaced as a probe reads them.
[[nodiscard]] Blocks cut_into_blocks(std::span<const GaugePoint> points, GaugeKind kind);

/// Nothing where the series is no sawtooth.
[[nodiscard]] std::optional<Sawtooth> find_sawtooth(std::span<const double> values);

/// The values without the line through the medians of their end tenths.
[[nodiscard]] std::vector<double> detrended(std::span<const double> values);

/// 0 ≤ share ≤ 1; linear between the ranks. Not empty.
[[nodiscard]] double quantile_of(std::vector<double> values, double share);

} // namespace squall::analysis
