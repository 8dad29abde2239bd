// How long a leak check takes and what it can show, before the run; and doses that certify what the scenario demands.
// Pure.
#pragma once

#include "plan/plan.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace squall::engine {

/// Requests of one dose where they follow from the arrivals: all users open and each iteration the same steps. Nothing:
/// they are known when the run is over.
[[nodiscard]] std::optional<double> planned_operations(const plan::Plan& plan);

struct SettledPlan {
    std::shared_ptr<const plan::Plan> plan;
    std::optional<scenario::Problem> problem; // then no plan
};

/// With leak_check = "certify": every dose multiplied by the least whole number with which a run that keeps nothing
/// meets the strictest leak check; a note where that cannot be known beforehand. A problem where no check says what to
/// certify. Any other plan is given back as it is. The checks have been checked.
[[nodiscard]] SettledPlan settle_doses(std::shared_ptr<const plan::Plan> plan);

/// "leak check standard: 6 cycles, doses 1 1 1 1 1 8; takes 13min40s; can show < 13.8/h at best (95 %, nothing
/// leaking)", and what else is to be known before the run: one line each.
[[nodiscard]] std::vector<std::string> forecast(const plan::Plan& plan);

} // namespace squall::engine
