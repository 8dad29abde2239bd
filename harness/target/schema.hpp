// The target's tables, made at start where they are missing.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "wire/task.hpp"

#include <string>

namespace squall::target {

/// Users user0 … user999, each with the password "correct horse" and a week of meals. Idempotent, also when several
/// targets start at once. A database that does not answer is asked again until `deadline`.
Task<Result<void>> prepare_schema(std::string conninfo, Instant deadline);

} // namespace squall::target
