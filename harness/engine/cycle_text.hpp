// What the journal and whoever watches are told of a cycle: "2 of 6, dose 1, planner ×1.4, browser ×0.6". Pure.
#pragma once

#include "plan/plan.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace squall::engine {

/// `cycle` from 0.
[[nodiscard]] std::string cycle_text(const plan::Plan& plan, std::size_t cycle);

/// Of such a text; nothing where it is another one.
[[nodiscard]] std::optional<double> dose_of(std::string_view cycle_text);

} // namespace squall::engine
