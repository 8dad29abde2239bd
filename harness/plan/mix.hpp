// How much of each part of the traffic there is in each cycle, different on purpose: a leak follows the part that
// causes it. Pure.
//
// Over the five cycles of equal dose the parts follow fixed codes: the orthogonal polynomials of degree 2, 3 and 4 over
// five points (Fisher & Yates, Statistical Tables) and what makes their sum 0. Each adds up to 0 and has no linear
// trend, so that none of them looks like time; they are affinely independent, so that four parts can be told apart. The
// last cycle, of the large dose, has the scenario's own mix.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace squall::plan {

/// Parts that can be told apart; a fifth has the code of the first again.
inline constexpr std::size_t distinct_parts = 4;

/// Factors from 0.6 to 1.4: [cycle][part], six cycles. `weights` are how much of the traffic each part is, in one unit:
/// the sum of weight × factor is that of the weights in every cycle. `first_code` shifts the codes, for parts that vary
/// beside others. With fewer than two parts nothing varies: all factors are 1.
[[nodiscard]] std::vector<std::vector<double>> varied_mix(std::span<const double> weights, std::size_t first_code = 0);

} // namespace squall::plan
