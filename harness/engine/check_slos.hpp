// The SLO expressions of a plan, checked before anything starts: syntax, units, names of steps and gauges.
#pragma once

#include "plan/plan.hpp"

#include <vector>

namespace squall::engine {

/// Every problem at the place of its expression in the scenario.
[[nodiscard]] std::vector<scenario::Problem> check_slos(const plan::Plan& plan);

/// Syntax and units only: for a scenario of which no plan could be made.
[[nodiscard]] std::vector<scenario::Problem> check_slo_syntax(const std::vector<scenario::Check>& checks);

/// Gauge names that a run of this plan will have, or the prefix of those (`postgres.`), for suggestions and checks.
[[nodiscard]] std::vector<std::string> known_gauges(const plan::Plan& plan);

} // namespace squall::engine
