#include "engine/interruption.hpp"

#include <algorithm>
#include <csignal>

namespace squall::engine {

Interruption::Interruption(asio::any_io_executor executor) : signals_(std::move(executor), SIGINT, SIGTERM)
{
    wait();
}

void Interruption::wait()
{
    signals_.async_wait([this](error_code error, int) {
        if (error) {
            return;
        }
        count_ = std::min(count_ + 1, 2);
        wait();
        if (handler_) {
            handler_(count_);
        } else {
            cancel_.emit(asio::cancellation_type::terminal);
        }
    });
}

} // namespace squall::engine
