// Checks of the [stack] table that need more than one of its keys.
#pragma once

#include "plan/binder.hpp"

namespace squall::plan {

/// The stack with its defaults settled (a target without PgBouncer speaks to PostgreSQL) and without stdio services.
/// Reports parts whose partner is missing, SQL files that are not there, and fixed ports given twice.
[[nodiscard]] scenario::StackSpec settle_stack(const scenario::StackSpec& stack, const std::string& scenario_file,
                                               Binder& binder);

} // namespace squall::plan
