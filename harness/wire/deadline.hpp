// Every wait has a deadline: a timer that runs an action once unless it is disarmed first.
#pragma once

#include "base/time.hpp"
#include "wire/task.hpp"

#include <functional>
#include <memory>

namespace squall::wire {

/// Runs `on_expiry` on `executor` when `at` passes before the guard is destroyed; expired() tells afterwards.
/// The action must be safe to run on the executor's thread (typically it closes or cancels a socket).
class DeadlineGuard {
public:
    DeadlineGuard(asio::any_io_executor executor, Instant at, std::function<void()> on_expiry);
    ~DeadlineGuard();
    DeadlineGuard(const DeadlineGuard&) = delete;
    DeadlineGuard& operator=(const DeadlineGuard&) = delete;

    [[nodiscard]] bool expired() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

/// Sleeps; returns early (false) when the coroutine is cancelled.
Task<bool> sleep_until(Instant at);

} // namespace squall::wire
