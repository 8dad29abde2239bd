// The cycles of load and quiesce that the scenario's leak_check asks for.
#pragma once

#include "plan/plan.hpp"

#include <vector>

namespace squall::plan {

/// Doses of the ratchet (statistics.md 1): five cycles alike and one that is eight times as long.
inline constexpr int ratchet_doses[] = {1, 1, 1, 1, 1, 8};

/// Gives the plan the cycles of its level; with several, the mix varies and the notes say of what it could not. The
/// populations must be complete.
void plan_cycles(Plan& plan);

/// The same plan with every dose `times` as large.
[[nodiscard]] Plan with_doses(const Plan& plan, int times);

} // namespace squall::plan
