// The same plan at another load. Pure.
#pragma once

#include "plan/plan.hpp"

namespace squall::plan {

/// How much a plan loads at its highest point.
struct LoadLevel {
    Rate rate;     // iterations of the open populations together
    int users = 0; // of the closed ones together
};

/// The highest rate per second, or number of users, that a population comes to.
[[nodiscard]] double highest_load(const Population& population);

[[nodiscard]] LoadLevel load_level(const Plan& plan);

/// Every rate and every number of users multiplied by `factor` > 0, users rounded up to whole ones; recordings are
/// replayed so much faster. Lengths, and the bounds on iterations in flight, stay.
[[nodiscard]] Plan scaled(const Plan& plan, double factor);

} // namespace squall::plan
