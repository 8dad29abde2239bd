// From the journal of a run to its result. A run that ended and one that was killed go the same way.
#pragma once

#include "base/result.hpp"
#include "result/run_result.hpp"

#include <string>

namespace squall::engine {

/// Reads <folder>/journal.squall; a torn tail is cut and said in the result. An error means there is no readable
/// journal.
[[nodiscard]] Result<result::RunResult> conclude(const std::string& folder);

} // namespace squall::engine
