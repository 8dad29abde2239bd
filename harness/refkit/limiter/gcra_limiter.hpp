// A rate limiter on an Asio executor: a thin shell over RateState.
#pragma once

#include "refkit/limiter/rate_state.hpp"
#include "refkit/parking.hpp"

#include <memory>

namespace squall::refkit {

/// Single-threaded: the executor's. What needs no queue and many threads uses Gcra itself.
class GcraLimiter {
public:
    /// Throws std::invalid_argument when check(params) finds something broken.
    GcraLimiter(asio::any_io_executor executor, RateParams params,
                std::shared_ptr<const Clock> clock = std::make_shared<SteadyClock>());
    /// Waiting callers fail with acquire_cancelled.
    ~GcraLimiter();
    GcraLimiter(const GcraLimiter&) = delete;
    GcraLimiter& operator=(const GcraLimiter&) = delete;

    /// Now or not at all; rate_limited tells when. Costs one reading of the clock and one read-modify-write.
    [[nodiscard]] Admission<void> try_acquire();
    /// By `deadline`, first come, first served; rate_limited at once when its turn would come too late. Cancelling
    /// the caller gives its turn to the next.
    Task<Admission<void>> acquire(Instant deadline) { return acquire(core_, deadline); }
    /// With acquire_timeout.
    Task<Admission<void>> acquire();

    [[nodiscard]] RateStats stats() const;

private:
    class Core;
    class Place;
    static Task<Admission<void>> acquire(std::shared_ptr<Core> core, Instant deadline);

    std::shared_ptr<Core> core_;
};

} // namespace squall::refkit
