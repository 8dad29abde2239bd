#include "engine/task_group.hpp"

#include "base/assert.hpp"

namespace squall::engine {

TaskGroup::TaskGroup(asio::any_io_executor executor) : executor_(std::move(executor)), all_done_(executor_)
{
    all_done_.expires_at(asio::steady_timer::time_point::max());
}

TaskGroup::~TaskGroup()
{
    SQUALL_ASSERT(running_ == 0);
}

void TaskGroup::spawn(Task<void> task)
{
    ++running_;
    asio::co_spawn(executor_, std::move(task), [this](std::exception_ptr failure) { finished(failure); });
}

void TaskGroup::spawn(wire::Flow<> flow)
{
    ++running_;
    wire::start(std::move(flow), [this](std::exception_ptr failure) { finished(failure); });
}

void TaskGroup::finished(std::exception_ptr failure)
{
    if (failure && !first_failure_) {
        first_failure_ = failure;
    }
    if (--running_ == 0) {
        all_done_.cancel();
    }
}

Task<void> TaskGroup::join()
{
    while (running_ > 0) {
        co_await all_done_.async_wait(use_result);
    }
    if (first_failure_) {
        std::rethrow_exception(std::exchange(first_failure_, nullptr));
    }
}

} // namespace squall::engine
