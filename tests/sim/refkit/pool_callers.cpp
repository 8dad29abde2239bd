// What callers do: they wait with more or less patience, ask, leave transactions open, break off and go.
#include "sim/refkit/pool_world.hpp"

#include <fmt/format.h>

namespace squall::sim {

using namespace std::chrono_literals;

/// In the queue, or about to leave it.
class PoolWorld::Waiting {
public:
    Waiting(PoolWorld& world, Caller& caller, Instant deadline) : caller_(caller)
    {
        caller.doing = Doing::waiting;
        caller.place = world.next_place_++;
        caller.deadline = deadline;
    }
    ~Waiting() { end(); }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    void end() { caller_.doing = caller_.doing == Doing::waiting ? Doing::resting : caller_.doing; }

private:
    Caller& caller_;
};

/// Has a connection that must be nobody else's, and in order.
class PoolWorld::Holding {
public:
    Holding(PoolWorld& world, Caller& caller, const MockConnection& connection)
        : world_(world),
          caller_(caller),
          session_(connection.session())
    {
        caller.doing = Doing::holding;
        if (++session_->loans > world.params_.max_usage.value_or(session_->loans)) {
            world.break_promise(fmt::format("connection {} was lent too often", session_->number));
        }
        ++world.holding_;
        if (++session_->holders != 1) {
            world.break_promise(fmt::format("connection {} was handed to two callers", session_->number));
        }
        const bool always = world.params_.reset_on_return == refkit::ResetOnReturn::discard_all ||
                            world.params_.reset_on_return == refkit::ResetOnReturn::custom;
        if (always && !std::exchange(session_->reset_since, false)) {
            world.break_promise(fmt::format("connection {} was handed out without its reset", session_->number));
        }
        if (session_->in_transaction) {
            world.break_promise(fmt::format("connection {} was handed out inside a transaction", session_->number));
        }
        if (session_->closed && !world.aborted_) {
            world.break_promise(fmt::format("connection {} was handed out closed", session_->number));
        }
    }
    ~Holding() { end(); }
    Holding(const Holding&) = delete;
    Holding& operator=(const Holding&) = delete;
    /// Before the loan goes back.
    void end()
    {
        if (session_) {
            --session_->holders;
            --world_.holding_;
            caller_.doing = Doing::resting;
            session_.reset();
        }
    }

private:
    PoolWorld& world_;
    Caller& caller_;
    std::shared_ptr<Session> session_;
};

Task<void> PoolWorld::pause(PoolWorld* world, Duration duration)
{
    SimTimer timer(world->context_.executor(), world->context_.now() + duration);
    co_await timer.async_wait(use_result);
}

Task<void> PoolWorld::run_pool(PoolWorld* world, Task<void> run)
{
    world->run_started_ = true;
    co_await std::move(run);
}

Task<void> PoolWorld::live_as(PoolWorld* world, Caller* caller)
{
    caller->started = true;
    if (caller->heeds == asio::cancellation_type::total) {
        co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    } else if (caller->heeds == asio::cancellation_type::partial) {
        co_await asio::this_coro::reset_cancellation_state(asio::enable_partial_cancellation());
    }
    for (; caller->rounds > 0; --caller->rounds) {
        bool threw = false;
        try {
            co_await use_once(world, caller);
        } catch (const boost::system::system_error&) {
            threw = true;
        }
        const auto state = co_await asio::this_coro::cancellation_state;
        if (threw && state.cancelled() == asio::cancellation_type::none) {
            world->break_promise(fmt::format("caller {} was thrown at without being cancelled", caller->number));
        }
        if (state.cancelled() != asio::cancellation_type::none) {
            if (!caller->stubborn) {
                co_return;
            }
            co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
        }
        caller->cancelled = false;
    }
}

Task<void> PoolWorld::use_once(PoolWorld* world, Caller* caller)
{
    auto& random = caller->random;
    co_await pause(world, std::chrono::microseconds(random.between(0, 1500)));
    if (!world->pool_) {
        co_return;
    }
    if (random.uniform() < 0.1) {
        auto taken = world->pool_->try_acquire();
        if (taken) {
            co_await work_with(world, caller, std::move(*taken));
        }
        co_return;
    }
    const Duration patience = random.uniform() < 0.1   ? Duration(0)
                              : random.uniform() < 0.5 ? Duration(std::chrono::microseconds(random.between(1, 5000)))
                                                       : Duration(1h);
    Waiting waiting(*world, *caller, world->context_.now() + patience);
    auto asking =
        random.uniform() < 0.3 ? ask_by_token(world, caller->deadline) : world->pool_->acquire(caller->deadline);
    auto got = co_await std::move(asking);
    waiting.end();
    if (!got) {
        world->judge_refusal(*caller, got.error());
        co_return;
    }
    world->judge_loan(*caller, **got);
    world->last_served_ = std::max(world->last_served_, caller->place);
    world->say([&] { return fmt::format("caller {} has {}", caller->number, (*got)->session()->number); });
    co_await work_with(world, caller, std::move(*got));
}

Task<Pool::Acquired> PoolWorld::ask_by_token(PoolWorld* world, Instant deadline)
{
    refkit::AcquireFailure why;
    auto asking = world->pool_->async_get_connection(deadline, why, use_result);
    auto [error, loan] = co_await std::move(asking);
    if (error) {
        co_return why;
    }
    co_return std::move(loan);
}

Task<void> PoolWorld::work_with(PoolWorld* world, Caller* caller, Pool::Loan loan)
{
    Holding holding(*world, *caller, *loan);
    auto& random = caller->random;
    for (auto questions = random.between(0, 2); questions > 0; --questions) {
        const auto deadline = world->context_.now() + std::chrono::microseconds(random.between(100, 20'000));
        const bool answered = co_await loan->query(deadline);
        if (loan->answers_to_others) {
            world->break_promise(fmt::format("caller {} got the answer to another's question", caller->number));
        }
        if (loan->hit_by_others) {
            world->break_promise(fmt::format("caller {} was hit by another's cancel request", caller->number));
        }
        if (!answered) {
            break;
        }
        loan->session()->in_transaction = random.uniform() < 0.2;
    }
    const auto way = random.uniform();
    holding.end();
    if (way < 0.05) {
        auto kept = loan.detach();
        kept.give_away();
    } else if (way < 0.1) {
        loan.discard();
    } else if (way < 0.5) {
        loan.give_back();
    } else if (way < 0.6) {
        const auto session = loan->session();
        session->reset_since = true; // the caller says that there is nothing to be reset
        loan.return_without_reset();
    }
}

/// By its age, and by what reset() said.
void PoolWorld::judge_loan(const Caller& caller, const MockConnection& connection)
{
    const auto& session = *connection.session();
    if (reset_before_place_ > 0 && caller.place >= reset_before_place_ && session.number <= reset_session_) {
        break_promise(
            fmt::format("caller {} got connection {}, which reset() had retired", caller.number, session.number));
    }
    // A machine that is too busy delivers late what was young when it was lent.
    if (params_.max_lifetime && context_.last_hurry() == Instant{} &&
        context_.now() - session.accepted_at > *params_.max_lifetime + params_.connect_timeout) {
        break_promise(fmt::format("connection {} was lent past its lifetime", session.number));
    }
}

void PoolWorld::judge_refusal(const Caller& caller, const refkit::AcquireFailure& failure)
{
    using refkit::Errc;
    const auto code = static_cast<Errc>(failure.code.value());
    say([&] { return fmt::format("caller {} is refused: {}", caller.number, refkit::to_string(code)); });
    const auto justified = [&] {
        switch (code) {
        case Errc::acquire_timeout:
            return context_.now() >= caller.deadline;
        case Errc::acquire_cancelled:
            return caller.cancelled;
        case Errc::queue_full:
            return params_.max_waiters.has_value();
        case Errc::pool_not_running:
            return failure.counts.total == 0;
        case Errc::pool_draining:
            return ending_begun_ && ending_ == Ending::drained;
        case Errc::pool_cancelled:
            return ending_begun_;
        default:
            return false;
        }
    };
    if (!justified()) {
        break_promise(fmt::format("caller {} was refused without reason: {}", caller.number, refkit::to_string(code)));
    }
}

} // namespace squall::sim
