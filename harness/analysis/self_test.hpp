// What the leak estimators make of series of known truth, as `ci/run.sh calibrate` measured it: the figures that every
// result and report carry, since a detector that does not know its own false-positive rate is not trusted. The figures
// are written by `ci/run.sh calibrate --write`; without --write it fails where they are no longer true.
#pragma once

#include <cstdint>

namespace squall::analysis {

struct SelfTest {
    std::uint64_t rows = 0; // kinds of series
    std::uint64_t rows_held = 0;
    std::uint64_t series = 0;             // of each kind
    double worst_false_positive_rate = 0; // share of the series without a leak, of the kind that fares worst
    double worst_power = 1;               // share of the leaks that were found, of the kind that fares worst
};

inline constexpr SelfTest published_self_test{
#include "analysis/self_test_figures.inc"
};

} // namespace squall::analysis
