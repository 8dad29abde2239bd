// A pool of connections on an Asio executor: a thin shell over PoolState, which decides everything.
//
// Single-threaded, unless PoolParams::thread_safe: the pool, its loans and the coroutines that use them all run on one
// executor whose handlers never run at the same time (one thread, or a strand).
#pragma once

#include "refkit/pool/pool_core.hpp"
#include "refkit/pool/pooled_connection.hpp"
#include "refkit/pool/spawn_with_code.hpp"

#include <boost/system/result.hpp>

#include <stdexcept>
#include <string>

namespace squall::refkit {

/// Why there is no connection: `code` is of Errc; the counts and the last failed dial's message are of that moment.
struct AcquireFailure {
    error_code code;
    PoolStats counts;
    std::string last_connect_error;
};

/// Found by Boost.System when .value() is called on a failure.
[[noreturn]] inline void throw_exception_from_error(const AcquireFailure& failure, const boost::source_location&)
{
    throw std::runtime_error(failure.code.message());
}

template <typename Adapter, typename Timer = asio::steady_timer>
using AcquireResult = boost::system::result<PooledConnection<Adapter, Timer>, AcquireFailure>;

/// An Adapter says how connections are opened and judged (postgres_adapter.hpp):
///   Connection                                  movable, one operation at a time
///   Connection make(executor) const             not open yet
///   Task<Result<void>> dial(Connection&, Instant deadline) const
///   Task<bool> validate(Connection&, Instant deadline) const    does the server answer
///   Task<bool> reset(Connection&, Instant deadline) const       as reset_on_return says; never called for `none`
///   ReturnedAs condition(const Connection&) const
///   void configure(const PoolParams&)           optional: what it must know of them, once, before all else
///   Task<void> take_leave(Connection&, Instant deadline) const  optional: what is better waited for before close(),
///                                               such as the end of a query that the server still runs
///   void close(Connection&) const               at once; also under an operation's hands, which then fails
/// The coroutines' Connection and Adapter outlive them. With thread_safe, connections are made, asked and closed each
/// on a strand of its own, and condition() is called by whoever gives back.
///
/// With PoolParams::thread_safe the async_ functions, acquire(), run(), drain(), cancel(), reset() and giving back are
/// for callers on any thread: the pool works on a strand of its own. stats() and try_acquire() then belong on
/// executor(); async_stats() is for everybody. The pool goes before its execution context does.
///
/// fork() while no operation is under way: in the child, after notify_fork(fork_child) of its execution context, the
/// pool lets go of what is open, of which the server hears nothing, and dials its own; a loan of before comes back
/// broken. Not with thread_safe, nor with SQLite: a child has no threads but one.
template <typename Adapter, typename Timer = asio::steady_timer>
class ConnectionPool {
public:
    using Connection = typename Adapter::Connection;
    using Loan = PooledConnection<Adapter, Timer>;
    using Acquired = AcquireResult<Adapter, Timer>;

    /// `random` spreads the backoff of failed dials, lifetimes and keepalives. Throws std::invalid_argument when
    /// check(params) finds something broken.
    ConnectionPool(const asio::any_io_executor& executor, Adapter adapter, PoolParams params, Random random,
                   std::shared_ptr<const Clock> clock = std::make_shared<SteadyClock>())
        : core_(std::make_shared<Core>(executor, std::move(adapter), std::move(params), random, std::move(clock)))
    {}
    /// As cancel(). Waiting callers fail with pool_cancelled; connections on loan close when they come back.
    ~ConnectionPool()
    {
        cancel();
        core_->leave_to_loans();
    }
    ConnectionPool(const ConnectionPool&) = delete;
    ConnectionPool& operator=(const ConnectionPool&) = delete;

    /// Opens the pool; returns once it was cancelled or drained, nothing is open and no operation runs. Cancelling it
    /// (terminal) cancels the pool. Spawn it as a coroutine of its own.
    Task<void> run() { return on_its_executor(core_, run(core_)); }
    /// void(error_code): none, or why it ended by an exception.
    template <typename Token>
    auto async_run(Token&& token)
    {
        return spawn_with_code<void(error_code)>(core_->executor(), run(core_), std::forward<Token>(token));
    }

    /// A connection by `deadline`, or why there is none. First come, first served, or as PoolParams::fairness says.
    /// When the caller is cancelled while it waits, nothing is lost.
    Task<Acquired> acquire(Instant deadline, std::source_location where = std::source_location::current())
    {
        return core_->thread_safe() ? acquire_from_anywhere(core_, deadline, where) : acquire(core_, deadline, where);
    }
    /// With the pool's own acquire_timeout.
    Task<Acquired> acquire(std::source_location where = std::source_location::current())
    {
        return acquire(core_->now() + core_->params().acquire_timeout, where);
    }
    /// void(error_code, Loan), by any completion token: its executor, allocator and cancellation slot (terminal,
    /// partial or total) are those of the handler. Never completes before it returns. Waits at most acquire_timeout.
    template <typename Token>
    auto async_get_connection(Token&& token, std::source_location where = std::source_location::current())
    {
        return initiate(std::nullopt, nullptr, std::forward<Token>(token), where);
    }
    /// The same, by `deadline`; `why`, which must live so long, is filled when there is none.
    template <typename Token>
    auto async_get_connection(Instant deadline, AcquireFailure& why, Token&& token,
                              std::source_location where = std::source_location::current())
    {
        return initiate(deadline, &why, std::forward<Token>(token), where);
    }

    /// An idle connection at once; no_connection_available where there is none, or none that can be trusted unasked.
    [[nodiscard]] Acquired try_acquire(std::source_location where = std::source_location::current())
    {
        if (auto* slot = core_->take(where)) {
            return Acquired(boost::system::in_place_value, *core_, *slot);
        }
        return core_->template failure<AcquireFailure>(core_->turn_away());
    }

    /// Every connection of now is closed as soon as nobody uses it: after a failover, a migration, a new password.
    void reset()
    {
        tell([](PoolState& state, Instant now) { state.reset(now); });
    }
    /// Before run(): one bound together with the other pools of the budget, and what to do when those should look()
    /// again (pool_tiers.hpp does all of it). Not with thread_safe.
    void share(std::shared_ptr<PoolBudget> budget, std::function<void()> changed)
    {
        core_->share(std::move(budget), std::move(changed));
    }
    void look()
    {
        tell([](PoolState& state, Instant now) { state.look(now); });
    }
    /// Before run(). Told, on the pool's executor, of each loan that is out for longer than leak_detection_threshold,
    /// and again when such a one comes back.
    void on_leak(std::function<void(const ReportLeak&)> report) { core_->on_leak(std::move(report)); }

    /// Waiting callers fail with pool_cancelled, what is not on loan closes; run() returns when the loans are back.
    void cancel()
    {
        tell([](PoolState& state, Instant now) { state.stop(now); });
    }

    /// The beginning of run(), which must follow: callers are taken from now on.
    void start()
    {
        tell([](PoolState& state, Instant now) { state.start(now); });
    }
    /// The beginning of drain(), which must follow: no new callers from now on.
    void start_draining()
    {
        tell([](PoolState& state, Instant now) { state.drain(now); });
    }
    /// Waiting callers fail with pool_draining, idle connections close. True when every loan came back within
    /// `timeout`; what did not is closed under its user's hands.
    Task<bool> drain(Duration timeout) { return on_its_executor(core_, drain(core_, core_->now() + timeout)); }
    /// The same: void(error_code, bool).
    template <typename Token>
    auto async_drain(Duration timeout, Token&& token)
    {
        return spawn_with_code<void(error_code, bool)>(core_->executor(), drain(core_, core_->now() + timeout),
                                                       std::forward<Token>(token));
    }

    [[nodiscard]] const asio::any_io_executor& executor() const { return core_->executor(); }
    [[nodiscard]] PoolStats stats() const { return core_->state().stats(); }
    /// void(error_code, PoolStats).
    template <typename Token>
    auto async_stats(Token&& token)
    {
        return spawn_with_code<void(error_code, PoolStats)>(core_->executor(), stats(core_),
                                                            std::forward<Token>(token));
    }
    [[nodiscard]] const PoolParams& params() const { return core_->params(); }
    /// Empty while none failed.
    [[nodiscard]] const std::string& last_connect_error() const { return core_->last_connect_error(); }

private:
    using Core = PoolCore<Adapter, Timer>;
    using Slot = PoolSlot<Adapter>;

    /// A coroutine's place in the queue; leaving it early gives up what was assigned.
    class Place {
    public:
        explicit Place(std::shared_ptr<Core> core) : core_(std::move(core)) {}
        ~Place() { core_->leave(waiter_); }
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

        WaitingCoroutine& waiter() { return waiter_; }
        /// Once.
        Acquired take()
        {
            const auto& outcome = *waiter_.outcome;
            if (const auto* error = std::get_if<Errc>(&outcome)) {
                return core_->template failure<AcquireFailure>(make_error_code(*error));
            }
            auto* slot = core_->collect(waiter_, std::get<ConnectionId>(outcome));
            if (slot == nullptr) {
                return core_->template failure<AcquireFailure>(make_error_code(Errc::pool_cancelled));
            }
            return Acquired(boost::system::in_place_value, *core_, *slot);
        }

    private:
        std::shared_ptr<Core> core_;
        WaitingCoroutine waiter_;
    };

    class StopAtEnd {
    public:
        explicit StopAtEnd(Core& core) : core_(core) {}
        ~StopAtEnd() { stop(core_); }
        StopAtEnd(const StopAtEnd&) = delete;
        StopAtEnd& operator=(const StopAtEnd&) = delete;

    private:
        Core& core_;
    };

    static void stop(Core& core)
    {
        core.change([](PoolState& state, Instant now) { state.stop(now); });
    }
    template <typename Event>
    void tell(Event event)
    {
        core_->from_anywhere([event](Core& core) { core.change(event); });
    }

    template <typename Token>
    auto initiate(std::optional<Instant> deadline, AcquireFailure* why, Token&& token, std::source_location where)
    {
        return asio::async_initiate<Token, void(error_code, Loan)>(
            [core = core_, deadline, why, where](auto handler) {
                using Waiting = WaitingHandler<Core, Loan, AcquireFailure, decltype(handler)>;
                Waiting::start(core, deadline, where, why, std::move(handler));
            },
            token);
    }

    template <typename T>
    static Task<T> on_its_executor(std::shared_ptr<Core> core, Task<T> work)
    {
        return core->thread_safe() ? asio::co_spawn(core->executor(), std::move(work), asio::use_awaitable)
                                   : std::move(work);
    }

    static Task<void> run(std::shared_ptr<Core> core)
    {
        co_await asio::this_coro::throw_if_cancelled(false);
        const StopAtEnd stop_at_end(*core); // also when the frame is destroyed while it waits
        core->change([](PoolState& state, Instant now) { state.start(now); });
        co_await Core::wait_until_finished(core, Instant::max());
        if (!core->finished()) {
            stop(*core);
            // Operations end as soon as they are cancelled, loans when their users give them back.
            co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
            co_await Core::wait_until_finished(core, Instant::max());
        }
    }

    static Task<Acquired> acquire(std::shared_ptr<Core> core, Instant deadline, std::source_location where)
    {
        if (auto* slot = core->take(where)) {
            co_return Acquired(boost::system::in_place_value, *core, *slot);
        }
        Place place(core);
        core->enter(place.waiter(), deadline, where);
        if (!place.waiter().outcome) {
            auto served = place.waiter().wait(*core);
            co_await std::move(served);
        }
        // Whoever was assigned a connection gets it, also when it was cancelled in the meantime.
        co_return place.take();
    }
    static Task<Acquired> acquire_from_anywhere(std::shared_ptr<Core> core, Instant deadline,
                                                std::source_location where)
    {
        AcquireFailure why;
        const auto initiation = [core, deadline, &why, where](auto handler) {
            using Waiting = WaitingHandler<Core, Loan, AcquireFailure, decltype(handler)>;
            Waiting::start(core, deadline, where, &why, std::move(handler));
        };
        auto [error, loan] =
            co_await asio::async_initiate<decltype(use_result), void(error_code, Loan)>(initiation, use_result);
        if (error) {
            co_return why;
        }
        co_return std::move(loan);
    }

    static Task<bool> drain(std::shared_ptr<Core> core, Instant deadline)
    {
        core->change([](PoolState& state, Instant now) { state.drain(now); });
        co_await Core::wait_until_finished(core, deadline);
        const bool gentle = core->finished();
        if (!gentle) {
            core->change([](PoolState& state, Instant now) { state.abort(now); });
        }
        co_return gentle;
    }

    static Task<PoolStats> stats(std::shared_ptr<Core> core) { co_return core->state().stats(); }

    std::shared_ptr<Core> core_;
};

} // namespace squall::refkit
