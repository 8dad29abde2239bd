// The whole life of a target: start, serve, end.
#pragma once

#include "target/options.hpp"

namespace squall::target {

/// Serves until SIGTERM or SIGINT, then ends within a second. Returns the exit code: 0, or 1 when it could not start,
/// with the reason on standard error.
[[nodiscard]] int serve(Options options);

} // namespace squall::target
