// Runs one coroutine to its end on an io_context of the test's, bounded in time.
#pragma once

#include "base/time.hpp"
#include "wire/task.hpp"

#include <exception>
#include <optional>
#include <stdexcept>

namespace squall::testing {

inline Instant in(Duration from_now)
{
    return std::chrono::steady_clock::now() + from_now;
}

/// Runs the io_context until `done()`; false when 30 s pass first.
template <typename Condition>
bool run_until(asio::io_context& io, Condition done, Duration limit = std::chrono::seconds(30))
{
    const Instant end = in(limit);
    io.restart();
    while (!done()) {
        if (io.run_one_until(end) == 0) {
            return done();
        }
    }
    return true;
}

/// What the coroutine returns; its exception is thrown here.
template <typename T>
T run_task(asio::io_context& io, Task<T> task)
{
    std::optional<T> result;
    std::exception_ptr thrown;
    bool done = false;
    asio::co_spawn(io, std::move(task), [&](std::exception_ptr error, T value) {
        thrown = error;
        result.emplace(std::move(value));
        done = true;
    });
    if (!run_until(io, [&done] { return done; })) {
        throw std::runtime_error("the coroutine did not end within its time");
    }
    if (thrown) {
        std::rethrow_exception(thrown);
    }
    return std::move(*result);
}

inline void run_task(asio::io_context& io, Task<void> task)
{
    std::exception_ptr thrown;
    bool done = false;
    asio::co_spawn(io, std::move(task), [&](std::exception_ptr error) {
        thrown = error;
        done = true;
    });
    if (!run_until(io, [&done] { return done; })) {
        throw std::runtime_error("the coroutine did not end within its time");
    }
    if (thrown) {
        std::rethrow_exception(thrown);
    }
}

} // namespace squall::testing
