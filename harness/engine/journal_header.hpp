// What the journal says of a run before its first second: enough to conclude from it alone.
#pragma once

#include "measure/journal.hpp"
#include "plan/plan.hpp"
#include "stack/stack.hpp"

#include <vector>

namespace squall::engine {

[[nodiscard]] measure::JournalHeader journal_header(const plan::Plan& plan,
                                                    const std::vector<stack::ServiceInfo>& services);

} // namespace squall::engine
