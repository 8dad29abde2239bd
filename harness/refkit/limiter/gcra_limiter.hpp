// A rate limiter on an Asio executor: a thin shell over RateState.
#pragma once

#include "refkit/limiter/gcra_core.hpp"

namespace squall::refkit {

/// Single-threaded: the executor's. What needs no queue and many threads uses Gcra itself. `Timer` is
/// asio::steady_timer, or what a simulation puts in its place.
template <typename Timer>
class BasicGcraLimiter {
public:
    /// Throws std::invalid_argument when check(params) finds something broken.
    BasicGcraLimiter(asio::any_io_executor executor, RateParams params,
                     std::shared_ptr<const Clock> clock = std::make_shared<SteadyClock>())
        : core_(std::make_shared<Core>(std::move(executor), params, std::move(clock)))
    {}
    /// Waiting callers fail with acquire_cancelled.
    ~BasicGcraLimiter() { core_->fail_all(); }
    BasicGcraLimiter(const BasicGcraLimiter&) = delete;
    BasicGcraLimiter& operator=(const BasicGcraLimiter&) = delete;

    /// Now or not at all; rate_limited tells when. Costs one reading of the clock and one read-modify-write.
    [[nodiscard]] Admission<void> try_acquire() { return core_->try_acquire(); }
    /// By `deadline`, first come, first served; rate_limited at once when its turn would come too late. Cancelling
    /// the caller gives its turn to the next.
    Task<Admission<void>> acquire(Instant deadline) { return wait_in_queue(core_, deadline, Duration::max()); }
    /// With acquire_timeout.
    Task<Admission<void>> acquire()
    {
        return wait_in_queue(core_, Instant::max(), core_->state().params().acquire_timeout);
    }

    [[nodiscard]] RateStats stats() const { return core_->state().stats(); }

private:
    using Core = GcraCore<Timer>;

    std::shared_ptr<Core> core_;
};

extern template class BasicGcraLimiter<asio::steady_timer>;
using GcraLimiter = BasicGcraLimiter<asio::steady_timer>;

} // namespace squall::refkit
