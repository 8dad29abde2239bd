#include "sim/refkit/mock_backend.hpp"

#include "refkit/pool/abandoned.hpp"

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
    const auto request = session->next_request;
    session->running = request;
    if (reaction.answer == Answer::silence || session->broken) {
        return; // but for a cancel request, that would be all
    }
    const bool breaks_off = random_.uniform() < manners.breaks_off;
    context_.wait_until(context_.now() + reaction.after,
                        make_work([weak = std::weak_ptr(session), request, breaks_off] {
                            const auto still = weak.lock();
                            if (!still || still->closed || still->broken || still->running != request) {
                                return;
                            }
                            still->broken = breaks_off;
                            answer(*still, false);
                        }));
}

void MockServer::answer(Session& session, bool cancelled)
{
    if (session.closed || session.running == 0) {
        return;
    }
    if (!session.broken) {
        session.inbox.push_back({session.running, cancelled});
    }
    session.running = 0;
    if (session.reader != nullptr) {
        session.reader->cancel();
    }
}

void MockServer::cancel(const std::shared_ptr<Session>& session, std::function<void()> told)
{
    const auto reaction = react();
    if (reaction.answer != Answer::good) {
        return;
    }
    context_.wait_until(context_.now() + reaction.after,
                        make_work([weak = std::weak_ptr(session), told = std::move(told)] {
                            if (const auto still = weak.lock()) {
                                // It hits whatever is being answered, and then the answer comes at once.
                                answer(*still, true);
                            }
                            told();
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
    answers_to_others = answers_to_others || answer.question != request;
    hit_by_others = hit_by_others || answer.cancelled;
    co_return answer.question == request && !answer.cancelled;
}

Task<bool> MockConnection::request_cancel(Instant deadline)
{
    struct Wait {
        Wait(const asio::any_io_executor& executor, Instant at) : timer(executor, at) {}
        SimTimer timer;
        bool delivered = false;
    };
    if (!is_open()) {
        co_return false;
    }
    const auto wait = std::make_shared<Wait>(co_await asio::this_coro::executor, deadline);
    server_->cancel(session_, [weak = std::weak_ptr(wait)] {
        if (const auto still = weak.lock()) {
            still->delivered = true;
            still->timer.cancel();
        }
    });
    co_await wait->timer.async_wait(use_result);
    co_return wait->delivered;
}

Task<bool> MockConnection::read_abandoned(Instant deadline)
{
    const auto session = session_;
    SimTimer reader(co_await asio::this_coro::executor, deadline);
    while (is_open() && session->inbox.size() < session->unread && server_->context().now() < deadline) {
        session->reader = &reader;
        struct Unread {
            ~Unread() { session.reader = nullptr; }
            Session& session;
        } const unread{*session};
        co_await reader.async_wait(use_result);
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none) {
            co_return false;
        }
    }
    if (!is_open() || session->inbox.size() < session->unread) {
        co_return false;
    }
    session->inbox.clear();
    session->unread = 0;
    co_return true;
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
    if (session->unread > 0) {
        const bool over = co_await refkit::cancel_abandoned(connection, deadline);
        if (!over) {
            co_return false;
        }
    }
    const bool answered = co_await connection.query(deadline);
    if (answered) {
        session->in_transaction = false;
        session->reset_since = true;
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
    using refkit::ReturnedAs;
    if (!connection.is_open()) {
        return ReturnedAs::broken;
    }
    if (connection.session()->unread > 0) {
        return cancels ? ReturnedAs::dirty : ReturnedAs::broken;
    }
    return connection.session()->in_transaction ? ReturnedAs::dirty : ReturnedAs::clean;
}

} // namespace squall::sim
