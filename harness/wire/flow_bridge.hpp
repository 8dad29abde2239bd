// Between the two kinds of coroutine: a Task inside a Flow, a Flow inside a Task.
#pragma once

#include "wire/flow.hpp"
#include "wire/task.hpp"

#include <exception>
#include <optional>
#include <utility>

namespace squall::wire {

/// `co_await TaskInFlow(executor, task)`: runs the task on the executor (of this thread) and gives what it returns. A
/// signal of `stop` cancels it.
template <typename T>
class TaskInFlow {
public:
    TaskInFlow(asio::any_io_executor executor, Task<T> task, asio::cancellation_slot stop = {})
        : executor_(std::move(executor)),
          task_(std::move(task)),
          stop_(stop)
    {}

    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> flow)
    {
        auto resume = [this, flow](std::exception_ptr failure, T value) {
            failure_ = failure;
            value_.emplace(std::move(value));
            flow.resume();
        };
        asio::co_spawn(executor_, std::move(task_), asio::bind_cancellation_slot(stop_, std::move(resume)));
    }
    T await_resume()
    {
        if (failure_) {
            std::rethrow_exception(failure_);
        }
        return std::move(*value_);
    }

private:
    asio::any_io_executor executor_;
    Task<T> task_;
    asio::cancellation_slot stop_;
    std::exception_ptr failure_;
    std::optional<T> value_;
};

/// A flow as a task. The flow must be able to end on its own: cancelling the task does not reach it.
inline Task<void> as_task(Flow<void> flow)
{
    asio::steady_timer ended(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    bool over = false;
    std::exception_ptr failure;
    start(std::move(flow), [&](std::exception_ptr thrown) {
        failure = thrown;
        over = true;
        ended.cancel();
    });
    while (!over) {
        co_await ended.async_wait(use_result);
    }
    if (failure) {
        std::rethrow_exception(failure);
    }
}

} // namespace squall::wire
