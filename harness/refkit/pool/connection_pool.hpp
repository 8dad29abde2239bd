// A pool of connections on an Asio executor: a thin shell over PoolState, which decides everything.
//
// Single-threaded: the pool, its loans and the coroutines that use them all run on one executor whose handlers never
// run at the same time (one thread, or a strand).
#pragma once

#include "refkit/pool/pool_core.hpp"
#include "refkit/pool/pooled_connection.hpp"

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
///   Task<bool> reset(Connection&, Instant deadline) const       clean after `dirty`
///   ReturnedAs condition(const Connection&) const
///   Task<void> take_leave(Connection&, Instant deadline) const  optional: what is better waited for before close(),
///                                               such as the end of a query that the server still runs
///   void close(Connection&) const               at once; also under an operation's hands, which then fails
/// The coroutines' Connection and Adapter outlive them.
template <typename Adapter, typename Timer = asio::steady_timer>
class ConnectionPool {
public:
    using Connection = typename Adapter::Connection;
    using Loan = PooledConnection<Adapter, Timer>;
    using Acquired = AcquireResult<Adapter, Timer>;

    /// `random` spreads the backoff of failed dials, lifetimes and keepalives. Throws std::invalid_argument when
    /// check(params) finds something broken.
    ConnectionPool(asio::any_io_executor executor, Adapter adapter, PoolParams params, Random random,
                   std::shared_ptr<const Clock> clock = std::make_shared<SteadyClock>())
        : core_(std::make_shared<Core>(std::move(executor), std::move(adapter), params, random, std::move(clock)))
    {}
    /// As cancel(). Waiting callers fail with pool_cancelled; connections on loan close when they come back.
    ~ConnectionPool() { core_->stop(); }
    ConnectionPool(const ConnectionPool&) = delete;
    ConnectionPool& operator=(const ConnectionPool&) = delete;

    /// Opens the pool; returns once it was cancelled or drained, nothing is open and no operation runs. Cancelling it
    /// cancels the pool. Spawn it as a coroutine of its own.
    Task<void> run() { return run(core_); }

    /// A connection by `deadline`, or why there is none. Strictly first come, first served. When the caller is
    /// cancelled while it waits, nothing is lost.
    Task<Acquired> acquire(Instant deadline, std::source_location where = std::source_location::current())
    {
        return acquire(core_, deadline, where);
    }
    /// With the pool's own acquire_timeout.
    Task<Acquired> acquire(std::source_location where = std::source_location::current())
    {
        return acquire(core_, core_->now() + core_->state().params().acquire_timeout, where);
    }

    /// An idle connection at once; no_connection_available where there is none, or none that can be trusted unasked.
    [[nodiscard]] Acquired try_acquire(std::source_location where = std::source_location::current())
    {
        auto taken = core_->take_idle(where);
        if (const auto* refused = std::get_if<Errc>(&taken)) {
            return failure(*core_, *refused);
        }
        return Loan(core_, std::get<std::shared_ptr<Slot>>(std::move(taken)));
    }

    /// Every connection of now is closed as soon as nobody uses it: after a failover, a migration, a new password.
    void reset() { core_->reset(); }
    /// Before run(): one bound together with the other pools of the budget, and what to do when those should look()
    /// again (pool_tiers.hpp does all of it).
    void share(std::shared_ptr<PoolBudget> budget, std::function<void()> changed)
    {
        core_->share(std::move(budget), std::move(changed));
    }
    void look() { core_->look(); }
    /// Told of each loan that is out for longer than leak_detection_threshold, and again when such a one comes back.
    void on_leak(std::function<void(const ReportLeak&)> report) { core_->on_leak(std::move(report)); }

    /// Waiting callers fail with pool_cancelled, what is not on loan closes; run() returns when the loans are back.
    void cancel() { core_->stop(); }

    /// Waiting callers fail with pool_draining, idle connections close. True when every loan came back within
    /// `timeout`; what did not is closed under its user's hands.
    Task<bool> drain(Duration timeout) { return drain(core_, core_->now() + timeout); }

    [[nodiscard]] PoolStats stats() const { return core_->state().stats(); }
    [[nodiscard]] const PoolParams& params() const { return core_->state().params(); }
    /// Empty while none failed.
    [[nodiscard]] const std::string& last_connect_error() const { return core_->last_connect_error(); }

private:
    using Core = PoolCore<Adapter, Timer>;
    using Slot = PoolSlot<Adapter>;

    /// A caller's place in the queue; leaving it early gives up what was assigned.
    class Place {
    public:
        explicit Place(std::shared_ptr<Core> core) : core_(std::move(core)), waiter_(core_->executor()) {}
        ~Place() { core_->leave(waiter_); }
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

        typename Core::Waiter& waiter() { return waiter_; }
        Acquired take()
        {
            // Whoever was assigned a connection gets it, also when it was cancelled in the meantime.
            const auto outcome = waiter_.outcome.value_or(Errc::acquire_cancelled);
            if (const auto* error = std::get_if<Errc>(&outcome)) {
                return failure(*core_, *error);
            }
            auto slot = core_->collect(waiter_, std::get<ConnectionId>(outcome));
            if (!slot) {
                return failure(*core_, Errc::pool_cancelled);
            }
            return Loan(core_, std::move(slot));
        }

    private:
        std::shared_ptr<Core> core_;
        typename Core::Waiter waiter_;
    };

    class StopAtEnd {
    public:
        explicit StopAtEnd(Core& core) : core_(core) {}
        ~StopAtEnd() { core_.stop(); }
        StopAtEnd(const StopAtEnd&) = delete;
        StopAtEnd& operator=(const StopAtEnd&) = delete;

    private:
        Core& core_;
    };

    static AcquireFailure failure(const Core& core, Errc error)
    {
        return {make_error_code(error), core.state().stats(), core.last_connect_error()};
    }

    static Task<void> run(std::shared_ptr<Core> core)
    {
        co_await asio::this_coro::throw_if_cancelled(false);
        const StopAtEnd stop_at_end(*core); // also when the frame is destroyed while it waits
        core->start();
        co_await Core::wait_until_finished(core, Instant::max());
        if (!core->finished()) {
            core->stop();
            // Operations end as soon as they are cancelled, loans when their users give them back.
            co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
            co_await Core::wait_until_finished(core, Instant::max());
        }
    }

    static Task<Acquired> acquire(std::shared_ptr<Core> core, Instant deadline, std::source_location where)
    {
        Place place(core);
        core->enqueue(place.waiter(), deadline, where);
        if (!place.waiter().outcome) {
            co_await place.waiter().wake.async_wait(use_result);
        }
        co_return place.take();
    }

    static Task<bool> drain(std::shared_ptr<Core> core, Instant deadline)
    {
        core->begin_drain();
        co_await Core::wait_until_finished(core, deadline);
        const bool gentle = core->finished();
        if (!gentle) {
            core->abort();
        }
        co_return gentle;
    }

    std::shared_ptr<Core> core_;
};

} // namespace squall::refkit
