// Runs one coroutine on the calling thread until it is done or a person asks to stop.
#pragma once

#include "wire/task.hpp"

#include <csignal>
#include <exception>
#include <optional>

namespace squall::engine {

/// Blocks. SIGINT and SIGTERM cancel the task (terminal cancellation: it tears down what it had begun) and give
/// nothing.
template <typename T>
std::optional<T> run_until_signal(Task<T> task)
{
    asio::io_context context{1};
    asio::signal_set signals(context, SIGINT, SIGTERM);
    asio::cancellation_signal cancel;
    bool interrupted = false;
    signals.async_wait([&](error_code error, int) {
        if (!error) {
            interrupted = true;
            cancel.emit(asio::cancellation_type::terminal);
        }
    });
    std::optional<T> outcome;
    asio::co_spawn(context, std::move(task),
                   asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr failure, T value) {
                       signals.cancel();
                       if (failure && !interrupted) {
                           std::rethrow_exception(failure);
                       }
                       if (!interrupted) {
                           outcome.emplace(std::move(value));
                       }
                   }));
    context.run();
    return outcome;
}

} // namespace squall::engine
