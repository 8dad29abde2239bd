// Estimator A: whether the floor of a gauge rises under a steady load. One cycle of one run.
//
// The first fifth of the load is left out (or the warm-up, where longer), the rest is cut into at most 24 blocks (see
// blocks.hpp), and a line is fitted to the block values by ordinary least squares.
//
// - Error of the slope (HAR with a cosine basis, Müller, "HAC corrections for strongly autocorrelated time series",
//   JBES 32, 2014; Sun, "Let's fix it", JoE 178, 2014): v_j = cos(πj(k+½)/K), j = 1 … 4, orthonormal to {1, k};
//   Ω = ¼Σ(v_j·u)², u the residuals; SE = √(Ω/S_kk); t = b/SE follows Student's t with 4 degrees of freedom. Growing:
//   t > 4.604 (one-sided 0.5 %); MEMORY: t > 14.6, as true nulls of collected processes reach 9.5 and leaks 17 to 40.
//   Mann–Kendall, Hamed–Rao and plain least squares call 7 to 78 % of such series growing at the same level.
// - Deceleration: slopes b1, b2 of the halves, D = (b1 − b2)/√(se1² + se2² [+ 2.4·b⁺/(K/2) for a COUNT]). D > 3.5 and
//   b2 < 0.7·b1: it fills; growth is then accepted only where the last half alone grows at half the first one's slope
//   or more.
// - COUNT: grown by at least 5 units, over the fitted line and between the first and last three blocks, and not by one
//   step: STEP where the best single step leaves less than 0.7 of the squares of the line (0.5 lets a pool that never
//   shrinks pass for a leak in 2.4 % of its runs).
// - Interval of the slope: b ± √((2.776·SE)² + [COUNT] 1.96²·1.2·b⁺/K); the second term is the Poisson variance of the
//   leak itself, without which the interval covers the truth 62 times in 100 instead of 95.
// - Theil–Sen (Sen, JASA 63, 1968), the median of the slopes of all pairs, is shown beside it and decides nothing.
//
// A rate that drifts by 5 % or more between the halves of the load, beyond 2·√(1/n1 + 1/n2) that Poisson arrivals do by
// chance, makes the trend unreadable: a gauge that follows the traffic rises with it.
#pragma once

#include "analysis/blocks.hpp"
#include "analysis/residual.hpp"

#include <string>

namespace squall::analysis {

struct TrendInput {
    const GaugeSeries& series;
    PhaseSpan load; // steady: arrivals at one rate, warm-up left out
    /// Operations up to the end of each second of the load; empty: not known.
    std::span<const double> operations;
    bool restarted = false; // the process behind the gauge was started anew in the load
};

struct Trend {
    enum class Shape { not_enough_data, flat, growing, decelerating, step };
    Shape shape = Shape::not_enough_data;
    GaugeKind kind = GaugeKind::count;
    std::size_t blocks = 0;
    Blocks::Statistic statistic = Blocks::Statistic::mean;
    double growth = 0; // over all blocks, by the fitted line
    double t = 0;
    double theil_sen_per_hour = 0;
    double deceleration = 0;          // D
    std::optional<Estimate> per_hour; // with its two-sided 95 % interval
    std::optional<Estimate> per_1000_operations;
    std::string why; // of the shape, for a person
};

/// Never fails: what is missing is said in `why`.
[[nodiscard]] Trend estimate_trend(const TrendInput& input);

} // namespace squall::analysis
