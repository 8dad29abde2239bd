// Starts one process as the keeper wants its children: own process group, own log, tied to the keeper's life.
#pragma once

#include "stack/protocol.hpp"

namespace squall::stack {

/// Forks and executes. The child leads its own process group, reads /dev/null, appends both outputs to the log, holds
/// no other descriptor, has default signal handling, no core file and as many open files as the hard limit allows (up
/// to 65,536), has dropped to `user`, and gets `death_signal` when this process dies. Waits until exec succeeded or
/// failed; the error then names the step. Only for a process with one thread.
[[nodiscard]] Result<pid_t> spawn_process(const SpawnRequest& request);

/// All signals to their default action and none blocked. Async-signal-safe.
void reset_signals();

} // namespace squall::stack
