// What this process uses, as /proc says.
#pragma once

#include "base/quantity.hpp"
#include "base/time.hpp"

#include <cstdint>

namespace squall::target {

struct ProcessUsage {
    ByteCount resident;
    ByteCount virtual_memory;
    std::uint64_t open_fds = 0;
    std::uint64_t max_fds = 0; // the soft limit
    std::uint64_t threads = 0;
    Duration cpu{}; // user and system
};

/// Zero where /proc does not say.
[[nodiscard]] ProcessUsage read_process_usage();

} // namespace squall::target
