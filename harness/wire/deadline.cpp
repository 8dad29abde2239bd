#include "wire/deadline.hpp"

#include <utility>

namespace squall::wire {

// Shared with the timer's handler, which may still be queued when the guard is gone.
struct DeadlineGuard::State {
    State(const asio::any_io_executor& executor, std::function<void()> action)
        : timer(executor),
          on_expiry(std::move(action))
    {}

    asio::steady_timer timer;
    std::function<void()> on_expiry;
    bool armed = true;
    bool expired = false;
};

DeadlineGuard::DeadlineGuard(asio::any_io_executor executor, Instant at, std::function<void()> on_expiry)
    : state_(std::make_shared<State>(executor, std::move(on_expiry)))
{
    state_->timer.expires_at(at);
    state_->timer.async_wait([state = state_](error_code error) {
        if (error || !state->armed) {
            return;
        }
        state->expired = true;
        state->on_expiry();
    });
}

DeadlineGuard::~DeadlineGuard()
{
    state_->armed = false;
    state_->on_expiry = nullptr;
    state_->timer.cancel();
}

bool DeadlineGuard::expired() const
{
    return state_->expired;
}

Task<bool> sleep_until(Instant at)
{
    asio::steady_timer timer(co_await asio::this_coro::executor, at);
    const auto [error] = co_await timer.async_wait(use_result);
    co_return !error;
}

} // namespace squall::wire
