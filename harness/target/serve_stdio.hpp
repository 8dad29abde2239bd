// squall-target as a server of MCP over its stdin and stdout.
#pragma once

#include "target/options.hpp"

namespace squall::target {

/// Serves one message a line until its stdin ends, "exit", SIGTERM or SIGINT; says on stderr what goes wrong. Returns
/// the exit code: 0, or 1 when the notes cannot be opened or its stdout is gone.
[[nodiscard]] int serve_stdio(const Options& options);

} // namespace squall::target
