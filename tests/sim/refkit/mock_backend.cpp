#include "sim/refkit/mock_backend.hpp"

#include <algorithm>
#include <utility>

namespace squall::sim {
namespace {

/// Until `at`, or until the operation is cancelled; says whether it was.
Task<bool> cancelled_before(Instant at)
{
    SimTimer timer(co_await asio::this_coro::executor, at);
    const auto [error] = co_await timer.async_wait(use_result);
    co_return error == asio::error::operation_aborted;
}

} // namespace

MockServer::Reaction MockServer::react()
{
    const auto mood = random_.uniform();
    auto after = manners.answer_in * random_.between(1, 10) / 5;
    if (random_.uniform() < manners.late) {
        after *= 50;
    }
    if (mood < manners.refuses) {
        return {Answer::refusal, after};
    }
    if (mood < manners.refuses + manners.black_holes) {
        return {Answer::silence, after};
    }
    return {Answer::good, after};
}

std::shared_ptr<Session> MockServer::accept()
{
    auto session = std::make_shared<Session>();
    session->number = next_number_++;
    session->accepted_at = context_.now();
    open_.insert(session->number);
    most_open = std::max(most_open, open_.size());
    return session;
}

void MockServer::ask(const std::shared_ptr<Session>& session)
{
    const auto reaction = react();
    if (reaction.answer == Answer::silence || session->broken) {
        return;
    }
    const bool breaks_off = random_.uniform() < manners.breaks_off;
    const auto request = session->next_request;
    context_.wait_until(context_.now() + reaction.after,
                        make_work([weak = std::weak_ptr(session), request, breaks_off] {
                            const auto still = weak.lock();
                            if (!still || still->closed || still->broken) {
                                return;
                            }
                            if (breaks_off) {
                                still->broken = true;
                            } else {
                                still->inbox.push_back(request);
                            }
                            if (still->reader != nullptr) {
                                still->reader->cancel();
                            }
                        }));
}

void MockServer::close(Session& session)
{
    session.closed = true;
    open_.erase(session.number);
}

MockConnection::~MockConnection()
{
    if (server_ != nullptr && !given_away_) {
        --server_->clients;
    }
    close();
}

MockConnection::MockConnection(MockConnection&& other) noexcept
    : made(other.made),
      server_(std::exchange(other.server_, nullptr)),
      session_(std::exchange(other.session_, nullptr)),
      given_away_(other.given_away_)
{}

Task<bool> MockConnection::connect(Instant deadline)
{
    const auto reaction = server_->react();
    const auto answered =
        reaction.answer == MockServer::Answer::silence ? Instant::max() : server_->context().now() + reaction.after;
    // A server that accepts has the session before the client hears of it.
    auto session = reaction.answer == MockServer::Answer::good ? server_->accept() : nullptr;
    session_ = session;
    const bool cancelled = co_await cancelled_before(std::min(answered, deadline));
    if (!session || cancelled || session->closed || answered > deadline) {
        close();
        co_return false;
    }
    co_return true;
}

Task<bool> MockConnection::query(Instant deadline)
{
    const auto session = session_;
    if (!is_open()) {
        co_return false;
    }
    SimTimer reader(co_await asio::this_coro::executor, deadline);
    session->reader = &reader;
    struct Unread {
        ~Unread() { session.reader = nullptr; }
        Session& session;
    } const unread{*session};
    server_->ask(session);
    const auto request = session->next_request++;
    ++session->unread;
    if (session->inbox.empty()) {
        co_await reader.async_wait(use_result);
    }
    if (session->closed || session->broken || session->inbox.empty()) {
        co_return false; // the answer is still under way, and the next to read would get it
    }
    --session->unread;
    const auto answer = session->inbox.front();
    session->inbox.pop_front();
    answers_to_others = answers_to_others || answer != request;
    co_return answer == request;
}

void MockConnection::close()
{
    if (session_) {
        if (session_->reader != nullptr) {
            session_->reader->cancel();
        }
        server_->close(*session_);
    }
}

void MockConnection::give_away()
{
    if (!std::exchange(given_away_, true)) {
        --server_->clients;
        if (session_) {
            server_->give_away(*session_);
        }
    }
}

MockAdapter::Connection MockAdapter::make(const asio::any_io_executor&) const
{
    Connection connection(*server);
    connection.made = server->context().now();
    return connection;
}

Task<Result<void>> MockAdapter::dial(Connection& connection, Instant deadline) const
{
    if (deadline != connection.made + params.connect_timeout) {
        *complaint = "a dial has a deadline that is not the pool's own";
    }
    const bool connected = co_await connection.connect(deadline);
    if (!connected) {
        co_return fail("the server did not accept");
    }
    co_return Result<void>();
}

void MockAdapter::expect_within(Instant deadline, Duration limit) const
{
    if (deadline > server->context().now() + limit) {
        *complaint = "the pool gives a silent server more time than its parameters say";
    }
}

Task<bool> MockAdapter::validate(Connection& connection, Instant deadline) const
{
    expect_within(deadline, params.validate_timeout);
    return connection.query(deadline);
}

Task<bool> MockAdapter::reset(Connection& connection, Instant deadline) const
{
    expect_within(deadline, params.reset_timeout);
    const auto session = connection.session();
    const bool answered = co_await connection.query(deadline);
    if (answered) {
        session->in_transaction = false;
    }
    co_return answered;
}

Task<void> MockAdapter::take_leave(Connection& connection, Instant deadline) const
{
    expect_within(deadline, params.close_timeout);
    if (!connection.is_open()) {
        co_return;
    }
    const auto reaction = server->react();
    const auto answered =
        reaction.answer == MockServer::Answer::silence ? deadline : server->context().now() + reaction.after;
    co_await cancelled_before(std::min(answered, deadline));
}

refkit::ReturnedAs MockAdapter::condition(const Connection& connection) const
{
    if (!connection.is_open() || connection.session()->unread > 0) {
        return refkit::ReturnedAs::broken;
    }
    return connection.session()->in_transaction ? refkit::ReturnedAs::dirty : refkit::ReturnedAs::clean;
}

} // namespace squall::sim
