// What squall find found on a terminal: the limit, why it is one, and the trials from the lowest load to the highest.
// Pure.
#pragma once

#include "reporters/console.hpp"
#include "result/load_limit.hpp"

#include <string>

namespace squall::reporters {

/// UTF-8, ends in a newline.
[[nodiscard]] std::string render_console_limit(const result::LoadLimit& limit, const ConsoleOptions& options = {});

} // namespace squall::reporters
