// Structured concurrency: every spawned coroutine belongs to a group that is joined.
#pragma once

#include "wire/flow.hpp"
#include "wire/task.hpp"

#include <exception>

namespace squall::engine {

/// Coroutines of one executor (single-threaded). join() waits for all of them and rethrows the first exception that one
/// of them ended with. A group must be joined before it is destroyed; that is asserted.
class TaskGroup {
public:
    explicit TaskGroup(asio::any_io_executor executor);
    ~TaskGroup();
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    void spawn(Task<void> task);
    /// Begins at once, before spawn() returns.
    void spawn(wire::Flow<> flow);
    /// Without a deadline of its own: whoever joins has told the tasks to end within theirs.
    Task<void> join();
    [[nodiscard]] std::size_t running() const { return running_; }

private:
    void finished(std::exception_ptr failure);

    asio::any_io_executor executor_;
    asio::steady_timer all_done_;
    std::size_t running_ = 0;
    std::exception_ptr first_failure_;
};

} // namespace squall::engine
