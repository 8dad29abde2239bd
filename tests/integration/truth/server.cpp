#include "integration/truth/server.hpp"

#include <utility>

namespace squall::truth {

using asio::ip::tcp;

namespace {

constexpr std::string_view answer_text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

} // namespace

struct Server::Session {
    explicit Session(tcp::socket accepted) : socket(std::move(accepted)), timer(socket.get_executor()) {}
    tcp::socket socket;
    asio::steady_timer timer;
    std::string unread;
};

Server::Server(std::unique_ptr<Schedule> schedule)
    : schedule_(std::move(schedule)),
      acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      port_(acceptor_.local_endpoint().port())
{
    accept();
    thread_ = std::thread([this] { io_.run(); });
}

Server::~Server()
{
    stop();
}

void Server::stop()
{
    io_.stop();
    if (thread_.joinable()) {
        thread_.join();
    }
}

std::optional<Instant> Server::origin() const
{
    const auto origin = origin_.load();
    return origin == 0 ? std::nullopt : std::optional(Instant(Instant::duration(origin)));
}

void Server::accept()
{
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
        if (!error) {
            error_code ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            read(std::make_shared<Session>(std::move(socket)));
            accept();
        }
    });
}

void Server::read(const std::shared_ptr<Session>& session)
{
    asio::async_read_until(session->socket, asio::dynamic_buffer(session->unread), "\r\n\r\n",
                           [this, session](error_code error, std::size_t length) {
                               if (!error) {
                                   const auto now = std::chrono::steady_clock::now();
                                   session->timer.expires_at(release_of(session->unread, now));
                                   session->unread.erase(0, length);
                                   hold(session);
                               }
                           });
}

Instant Server::release_of(const std::string& request, Instant now)
{
    if (!request.starts_with("GET /sample ")) {
        return now;
    }
    if (arrivals_.empty()) {
        origin_ = now.time_since_epoch().count();
    }
    const Instant origin = this->origin().value();
    arrivals_.push_back(now - origin);
    return origin + schedule_->release(now - origin);
}

void Server::hold(const std::shared_ptr<Session>& session)
{
    if (session->timer.expiry() <= std::chrono::steady_clock::now()) {
        answer(session);
        return;
    }
    session->timer.async_wait([this, session](error_code error) {
        if (!error) {
            answer(session);
        }
    });
}

void Server::answer(const std::shared_ptr<Session>& session)
{
    asio::async_write(session->socket, asio::buffer(answer_text), [this, session](error_code error, std::size_t) {
        if (!error) {
            read(session);
        }
    });
}

} // namespace squall::truth
