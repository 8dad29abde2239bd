// SIGINT and SIGTERM as the run sees them: the first asks to stop, the second insists.
#pragma once

#include "wire/task.hpp"

#include <functional>

namespace squall::engine {

/// On the control thread's executor. While a start is under way both signals cancel it (cancellation slot); afterwards
/// they call the handler that was set.
class Interruption {
public:
    explicit Interruption(asio::any_io_executor executor);

    /// Called with 1 for the first signal and 2 for every later one.
    void on_signal(std::function<void(int)> handler) { handler_ = std::move(handler); }
    [[nodiscard]] asio::cancellation_slot slot() { return cancel_.slot(); }
    [[nodiscard]] bool asked() const { return count_ > 0; }
    /// No more signals are waited for: lets the io_context run dry.
    void close() { signals_.cancel(); }

private:
    void wait();

    asio::signal_set signals_;
    asio::cancellation_signal cancel_;
    std::function<void(int)> handler_;
    int count_ = 0;
};

} // namespace squall::engine
