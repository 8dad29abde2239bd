// One [[user]] table, resolved.
#pragma once

#include "plan/binder.hpp"
#include "plan/globals.hpp"

namespace squall::plan {

/// Reads the data file, orders the variables and binds the steps. Step ids are left 0: naming steps is the plan's.
[[nodiscard]] Population resolve_population(const scenario::User& user, const scenario::Scenario& scenario,
                                            const Globals& globals, Binder& binder);

/// `file` beside the scenario file, unless it is absolute.
[[nodiscard]] std::string beside(const std::string& scenario_file, const std::string& file);

} // namespace squall::plan
