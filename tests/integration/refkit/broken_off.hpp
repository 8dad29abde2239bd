// Callers that break off anywhere.
#pragma once

#include "base/random.hpp"
#include "wire/task.hpp"

#include <chrono>
#include <cstdint>
#include <memory>

namespace squall::testing {

/// Runs `round`; one in three is cancelled at a random moment before `latest`. True when it ended by that.
inline Task<bool> perhaps_broken_off(Task<void> round, Random* random, std::chrono::microseconds latest)
{
    const auto executor = co_await asio::this_coro::executor;
    const auto signal = std::make_shared<asio::cancellation_signal>();
    asio::steady_timer timer(executor);
    if (random->uniform() < 0.33) {
        timer.expires_after(std::chrono::microseconds(random->between(0, latest.count())));
        timer.async_wait([signal](error_code error) {
            if (!error) {
                signal->emit(asio::cancellation_type::terminal);
            }
        });
    }
    auto running = asio::co_spawn(executor, std::move(round), asio::bind_cancellation_slot(signal->slot(), use_result));
    const auto [thrown] = co_await std::move(running);
    co_return thrown != nullptr;
}

} // namespace squall::testing
