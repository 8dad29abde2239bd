// Values of ${api}, ${postgres} and the like: known when the stack runs.
#pragma once

#include "base/result.hpp"
#include "plan/plan.hpp"
#include "plan/render.hpp"

#include <map>
#include <string>

namespace squall::engine {

/// A user's memory with every endpoint variable set, from [endpoints] or from the stack's. An error names the variable
/// that nobody gives.
[[nodiscard]] Result<plan::UserMemory> endpoint_values(const plan::Plan& plan,
                                                       const std::map<std::string, std::string>& from_stack);

} // namespace squall::engine
