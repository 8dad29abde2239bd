// Limiters of calls at a time on an Asio executor: a thin shell over ConcurrencyState, and over the algorithm of
// limit.hpp that moves its limit.
#pragma once

#include "refkit/limiter/concurrency_state.hpp"
#include "refkit/limiter/limit.hpp"
#include "refkit/permit.hpp"
#include "wire/task.hpp"

#include <memory>
#include <variant>

namespace squall::refkit {

class LimiterCore;

struct LimiterTicket {
    Instant started;
    std::size_t in_flight; // itself among them
};

/// Says how the call went; destroyed without a word, it says nothing about the limit. In every case its place is free
/// again. May outlive its limiter; used on its executor.
class LimiterPermit : public Permit<std::shared_ptr<PermitOwner<LimiterTicket>>, LimiterTicket> {
public:
    using Permit::Permit;
    void on_success() { settle(Verdict::success); }
    /// The far end refused it, or it took too long: the limit is too high.
    void on_dropped() { settle(Verdict::failure); }
    /// Neither: the call never got there, or its length says nothing.
    void on_ignore() { settle(Verdict::ignored); }
};

/// Single-threaded: the executor's.
class ConcurrencyLimiter {
public:
    /// Throws std::invalid_argument when check() of one of the parameters finds something broken.
    ConcurrencyLimiter(asio::any_io_executor executor, LimitParams limit, QueueParams queue,
                       std::shared_ptr<const Clock> clock = std::make_shared<SteadyClock>());
    /// Waiting callers fail with acquire_cancelled.
    ~ConcurrencyLimiter();
    ConcurrencyLimiter(const ConcurrencyLimiter&) = delete;
    ConcurrencyLimiter& operator=(const ConcurrencyLimiter&) = delete;

    /// A permit now, or concurrency_limited. Allocates nothing.
    [[nodiscard]] Admission<LimiterPermit> try_acquire();
    /// A permit by `deadline`, first come, first served; else concurrency_limited (at once: the queue is full), shed,
    /// acquire_timeout or acquire_cancelled. When the caller is cancelled while it waits, nothing is lost.
    Task<Admission<LimiterPermit>> acquire(Instant deadline) { return acquire(core_, deadline); }
    /// With acquire_timeout.
    Task<Admission<LimiterPermit>> acquire();

    [[nodiscard]] ConcurrencyStats stats() const;

private:
    class Place;
    static Task<Admission<LimiterPermit>> acquire(std::shared_ptr<LimiterCore> core, Instant deadline);

    std::shared_ptr<LimiterCore> core_;
};

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
