#include "target/server.hpp"

#include "target/session.hpp"
#include "wire/deadline.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <iterator>
#include <utility>

namespace squall::target {
namespace {

using asio::ip::tcp;

// After an accept that failed for want of descriptors: trying again at once would fail at once.
constexpr Duration accept_pause = std::chrono::milliseconds(50);

Error port_error(const Options& options, const error_code& error)
{
    if (error == asio::error::address_in_use) {
        return fail("port {} on {} is taken; stop the program that uses it, or choose another with --port",
                    options.port, options.host);
    }
    return fail("cannot listen on {} port {}: {}", options.host, options.port, error.message());
}

} // namespace

struct Server::Entry {
    std::unique_ptr<Session> session;
    asio::cancellation_signal cancellation;
};

Server::Server(Service& service) : service_(service) {}
Server::~Server() = default;

Result<void> Server::bind(asio::any_io_executor executor)
{
    error_code error;
    const auto address = asio::ip::make_address(service_.options.host, error);
    if (error) {
        return fail("--host {} is not an IP address: {}", service_.options.host, error.message());
    }
    const tcp::endpoint endpoint(address, service_.options.port);
    acceptor_ = std::make_unique<tcp::acceptor>(std::move(executor));
    acceptor_->open(endpoint.protocol(), error);
    if (!error) {
        acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
    }
    if (!error) {
        acceptor_->bind(endpoint, error);
    }
    return error ? Result<void>(port_error(service_.options, error)) : Result<void>();
}

Result<void> Server::listen()
{
    error_code error;
    acceptor_->listen(asio::socket_base::max_listen_connections, error);
    return error ? Result<void>(port_error(service_.options, error)) : Result<void>();
}

tcp::endpoint Server::endpoint() const
{
    error_code ignored;
    return acceptor_->local_endpoint(ignored);
}

Task<void> Server::run()
{
    for (;;) {
        co_await wait_for_room();
        auto [error, socket] = co_await acceptor_->async_accept(use_result);
        if (error == asio::error::operation_aborted) {
            co_return;
        }
        if (error) {
            co_await wire::sleep_until(std::chrono::steady_clock::now() + accept_pause);
            continue;
        }
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        spawn(std::move(socket));
    }
}

Task<void> Server::wait_for_room()
{
    const auto most = service_.options.max_connections;
    while (most && sessions_.size() >= *most) {
        asio::steady_timer timer(co_await asio::this_coro::executor, Instant::max());
        room_ = &timer;
        co_await timer.async_wait(use_result);
        room_ = nullptr;
    }
}

void Server::spawn(tcp::socket socket)
{
    auto executor = socket.get_executor();
    sessions_.emplace_back();
    const auto entry = std::prev(sessions_.end());
    entry->session = std::make_unique<Session>(std::move(socket), service_);
    asio::co_spawn(executor, entry->session->run(),
                   asio::bind_cancellation_slot(entry->cancellation.slot(), [this, entry](std::exception_ptr) {
                       // A session that throws was cancelled; it has ended either way. The signal must outlive
                       // this handler, hence the detour.
                       ended_.clear();
                       ended_.splice(ended_.end(), sessions_, entry);
                       if (room_ != nullptr) {
                           room_->cancel();
                       }
                       if (sessions_.empty() && emptied_ != nullptr) {
                           emptied_->cancel();
                       }
                   }));
}

Task<void> Server::stop(Duration grace)
{
    error_code ignored;
    acceptor_->close(ignored);
    for (auto& entry : sessions_) {
        entry.session->finish();
    }
    co_await wait_until_empty(std::chrono::steady_clock::now() + grace);
    for (auto& entry : sessions_) {
        entry.cancellation.emit(asio::cancellation_type::terminal);
    }
    co_await wait_until_empty(std::chrono::steady_clock::now() + grace);
}

Task<void> Server::wait_until_empty(Instant deadline)
{
    if (sessions_.empty()) {
        co_return;
    }
    asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
    emptied_ = &timer;
    co_await timer.async_wait(use_result);
    emptied_ = nullptr;
}

} // namespace squall::target
