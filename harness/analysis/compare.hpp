// Two runs side by side, one run each: what changed, and what of it may be judged.
//
// A single run on each side says nothing certain about latency or throughput, as runs of one build differ by a few per
// cent: such rows are at best INCONCLUSIVE. Exact facts are judged:
//
// - leaks of counts: x_after given x_before + x_after ~ Bin(N, E_after/(E_before+E_after)), two-sided at 5 % (0 against
//   6: p = .031), by hours and by operations; the weaker of the two decides. Parts of a gauge (with labels) are shown
//   but not judged again.
// - a kind of error that only one run had, by the same test over the requests of both.
// - a run that is INVALID makes all but leaks not judged: the comparison says so first.
// - SLOs: met → missed is a regression, missed → met an improvement; `not shown` on either side is inconclusive.
#pragma once

#include "result/comparison.hpp"
#include "result/run_result.hpp"

namespace squall::analysis {

[[nodiscard]] result::Comparison compare(const result::RunResult& before, const result::RunResult& after);

/// Two-sided exact test of `after` events in `exposure_after` against `before` in `exposure_before`; 1 without events.
/// Twice the smaller tail.
[[nodiscard]] double exact_rate_test(std::uint64_t before, double exposure_before, std::uint64_t after,
                                     double exposure_after);

} // namespace squall::analysis
