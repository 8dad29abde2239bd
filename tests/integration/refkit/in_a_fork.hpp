// Runs something in a child that fork() makes of the test.
#pragma once

#include "wire/task.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace squall::testing {

/// Whether work() returned true there, within a minute; `io` is told of the fork on both sides. The child ends without
/// the test's own farewells: what it should destroy, work() must.
template <typename Work>
bool holds_in_a_fork(asio::io_context& io, Work work)
{
    io.notify_fork(asio::execution_context::fork_prepare);
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(60);
        bool held = false;
        try {
            io.notify_fork(asio::execution_context::fork_child);
            held = work();
        } catch (...) {
        }
        ::_exit(held ? 0 : 1);
    }
    io.notify_fork(asio::execution_context::fork_parent);
    int status = -1;
    return child > 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace squall::testing
