// Whether this process is a fork of the one in which something was made: what both of them hold, such as a socket, is
// then the other's.
#pragma once

#include <atomic>

namespace squall {

/// Taken when something is made; any thread.
class ForkMark {
public:
    ForkMark();
    /// True in a child that fork() has made since; for good.
    [[nodiscard]] bool forked() const { return at_ != forks_.load(std::memory_order_relaxed); }

private:
    /// Of this process and those it is a fork of. vfork(), posix_spawn() and clone() count for nothing: their children
    /// execute another program.
    static std::atomic<unsigned> forks_;

    unsigned at_;
};

/// What a child inherited and closes should not reach the other end: the descriptor leads to /dev/null from now on.
void mute(int descriptor);

} // namespace squall
