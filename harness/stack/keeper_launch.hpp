// Forks the keeper process and connects it by a socket.
#pragma once

#include "base/result.hpp"

#include <sys/types.h>

#include <string>
#include <vector>

namespace squall::stack {

struct KeeperProcess {
    pid_t pid = 0;
    int socket = -1; // the harness's end, owned by the receiver
};

/// `command` as StackOptions::keeper_command says: with it the call is safe in a program with threads, without it only
/// in one with a single thread. The keeper's own messages are appended to `log`.
[[nodiscard]] Result<KeeperProcess> launch_keeper(const std::vector<std::string>& command, const std::string& log);

} // namespace squall::stack
