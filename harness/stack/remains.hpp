// What a keeper that was killed could not do itself.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "wire/task.hpp"

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace squall::stack {

/// A process for ever: a reused pid has another start time.
struct KeeperIdentity {
    pid_t pid = 0;
    std::uint64_t start = 0; // clock ticks since boot
};

/// Waits until no process of the keeper's session is left, killing those that their death signal has not ended within a
/// second, and removes the folders. `keeper` is nothing for one of another boot, whose processes are gone. The error
/// names what is left. Bounded by 4 s; there is nothing to do after a keeper that ended in order.
Task<Result<void>> clear_remains(std::optional<KeeperIdentity> keeper, std::vector<std::string> folders,
                                 std::shared_ptr<const Clock> clock);

} // namespace squall::stack
