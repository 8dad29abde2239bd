// How much of a core a thread got, and how much it wanted.
#pragma once

#include "base/time.hpp"

namespace squall::engine {

/// Cumulative, of the calling thread.
struct ThreadUse {
    Instant at;
    Duration ran{};
    Duration waited{}; // ready to run while others had the cores; 0 where the kernel does not tell
};

/// CLOCK_THREAD_CPUTIME_ID, and the second figure of /proc/thread-self/schedstat (Linux Documentation/scheduler/
/// sched-stats.rst: time spent waiting on a runqueue, ns).
[[nodiscard]] ThreadUse use_of_this_thread(Instant now);

/// Shares of the time between two looks.
struct ThreadShare {
    double ran = 0;
    double waited = 0;

    [[nodiscard]] double wanted() const { return ran + waited; }
};

[[nodiscard]] ThreadShare share_between(const ThreadUse& before, const ThreadUse& after);

} // namespace squall::engine
