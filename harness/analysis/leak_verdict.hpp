// What one cycle of load says of a gauge: estimator A (trend.hpp) and estimator B (residual.hpp) together. Pure.
//
// | residual R                | trend under load | verdict                                        |
// |---------------------------|------------------|------------------------------------------------|
// | above the declared cap    | any              | CONFIRMED                                      |
// | its interval lies above 0 | growing          | SUSPECTED where both agree in size, or UNCLEAR |
// | its interval lies above 0 | decelerating     | FILLING                                        |
// | its interval lies above 0 | anything else    | RETAINED                                       |
// | about 0                   | growing          | GROWS-BUT-RELEASES, or UNCLEAR (see below)     |
// | about 0                   | anything else    | NO LEAK above a bound                          |
//
// They agree where 0.5 ≤ slope·E/R ≤ 2. Memory whose collector was not made to run must besides have doubled,
// and grown by 64 MiB: a runtime lets garbage lie until its first collection of the whole heap, which in a young
// process takes longer than a cycle. V8 lets its heap grow by up to the size of what is alive, and what lies outside it
// (buffers) by 64 MiB, its kExternalAllocationSoftLimit; Node services of 17 MB in private memory grew by 46 MB. Less
// is UNCLEAR, and so is growth of which more than half was kept, where the interval of memory is too wide to say so.
//
// Without a residual there is NOT ENOUGH DATA. What stays within a declared cap is at most RETAINED. One cycle without
// a cap never says CONFIRMED: see ratchet.hpp.
#pragma once

#include "analysis/residual.hpp"
#include "analysis/trend.hpp"

#include <optional>
#include <string>

namespace squall::analysis {

struct CycleVerdict {
    LeakVerdict verdict = LeakVerdict::not_enough_data;
    std::string why;
    std::string what_more; // empty: nothing
};

struct CycleInput {
    const ResidualEstimate& residual;
    const Trend& trend;
    std::optional<double> declared_cap{}; // the scenario says that the service may hold so many
    bool may_be_garbage = false;          // memory of a runtime whose collector was not made to run
};

[[nodiscard]] CycleVerdict judge_cycle(const CycleInput& input);

} // namespace squall::analysis
