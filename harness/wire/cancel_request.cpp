#include "wire/cancel_request.hpp"

#include "wire/deadline.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <memory>
#include <system_error>
#include <thread>

namespace squall::wire {
namespace {

std::atomic<int> threads = 0;
constexpr int most_threads = 16;

/// Shared by the thread and the coroutine, of which either may go first.
struct Request {
    explicit Request(PGconn* connection) : cancel(PQgetCancel(connection)), done(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
    {}
    ~Request()
    {
        PQfreeCancel(cancel);
        if (done >= 0) {
            close(done);
        }
    }
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;

    PGcancel* cancel;
    int done; // readable once `delivered` is decided
    std::atomic<bool> delivered = false;
};

void deliver(const std::shared_ptr<Request>& request)
{
    std::array<char, 256> reason{};
    // Returns when the server has closed the request's connection.
    request->delivered = PQcancel(request->cancel, reason.data(), static_cast<int>(reason.size())) == 1;
    eventfd_write(request->done, 1);
    --threads;
}

bool start(const std::shared_ptr<Request>& request)
{
    if (request->cancel == nullptr || request->done < 0) {
        return false;
    }
    if (++threads > most_threads) {
        --threads;
        return false;
    }
    try {
        std::thread(deliver, request).detach();
    } catch (const std::system_error&) {
        --threads;
        return false;
    }
    return true;
}

} // namespace

Task<bool> request_cancel(PGconn* connection, Instant deadline)
{
    const auto request = std::make_shared<Request>(connection);
    if (!start(request)) {
        co_return false;
    }
    const auto executor = co_await asio::this_coro::executor;
    asio::posix::stream_descriptor done(executor);
    error_code failed;
    const int own = dup(request->done);
    done.assign(own, failed);
    if (failed) {
        if (own >= 0) {
            ::close(own);
        }
        co_return false;
    }
    const DeadlineGuard guard(executor, deadline, [&done] {
        error_code ignored;
        done.cancel(ignored);
    });
    auto waiting = done.async_wait(asio::posix::stream_descriptor::wait_read, use_result);
    const auto [error] = co_await std::move(waiting);
    co_return !error && !guard.expired() && request->delivered;
}

} // namespace squall::wire
