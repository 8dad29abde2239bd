// Limiters of calls at a time on an Asio executor: a thin shell over ConcurrencyState, and over the algorithm of
// limit.hpp that moves its limit.
#pragma once

#include "refkit/limiter/limiter_core.hpp"

namespace squall::refkit {

/// Single-threaded: the executor's. `Timer` is asio::steady_timer, or what a simulation puts in its place.
template <typename Timer>
class BasicConcurrencyLimiter {
public:
    /// Throws std::invalid_argument when check() of one of the parameters finds something broken.
    BasicConcurrencyLimiter(asio::any_io_executor executor, LimitParams limit, QueueParams queue,
                            std::shared_ptr<const Clock> clock = std::make_shared<SteadyClock>())
        : core_(std::make_shared<Core>(std::move(executor), limit, queue, std::move(clock)))
    {}
    /// Waiting callers fail with acquire_cancelled.
    ~BasicConcurrencyLimiter() { core_->fail_all(); }
    BasicConcurrencyLimiter(const BasicConcurrencyLimiter&) = delete;
    BasicConcurrencyLimiter& operator=(const BasicConcurrencyLimiter&) = delete;

    /// A permit now, or concurrency_limited. Allocates nothing.
    [[nodiscard]] Admission<LimiterPermit> try_acquire() { return Core::try_acquire(core_); }
    /// A permit by `deadline`, first come, first served; else concurrency_limited (at once: the queue is full), shed,
    /// acquire_timeout or acquire_cancelled. When the caller is cancelled while it waits, nothing is lost.
    Task<Admission<LimiterPermit>> acquire(Instant deadline) { return wait_in_queue(core_, deadline, Duration::max()); }
    /// With acquire_timeout.
    Task<Admission<LimiterPermit>> acquire()
    {
        return wait_in_queue(core_, Instant::max(), core_->state().params().acquire_timeout);
    }

    [[nodiscard]] ConcurrencyStats stats() const { return core_->state().stats(); }

private:
    using Core = LimiterCore<Timer>;

    std::shared_ptr<Core> core_;
};

extern template class BasicConcurrencyLimiter<asio::steady_timer>;
using ConcurrencyLimiter = BasicConcurrencyLimiter<asio::steady_timer>;

/// The limit rises by one and falls by a share: AimdLimit.
class AimdLimiter : public ConcurrencyLimiter {
public:
    AimdLimiter(asio::any_io_executor executor, AimdParams limit, QueueParams queue,
                std::shared_ptr<const Clock> clock = std::make_shared<SteadyClock>())
        : ConcurrencyLimiter(std::move(executor), limit, queue, std::move(clock))
    {}
};

/// The limit follows the round trips: GradientLimit.
class GradientLimiter : public ConcurrencyLimiter {
public:
    GradientLimiter(asio::any_io_executor executor, GradientParams limit, QueueParams queue,
                    std::shared_ptr<const Clock> clock = std::make_shared<SteadyClock>())
        : ConcurrencyLimiter(std::move(executor), limit, queue, std::move(clock))
    {}
};

} // namespace squall::refkit
