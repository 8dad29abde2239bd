// A circuit breaker for many threads: a lock-free path while it is closed or refuses, BreakerState under a lock for
// the rare rest.
//
// A call that passes costs two readings of the clock and at most three uncontended read-modify-writes, those of its
// window; one that is refused, one reading. Statistics cost none (striped_counter.hpp). Nothing is allocated and
// nothing thrown after construction.
#pragma once

#include "base/assert.hpp"
#include "refkit/breaker/breaker_state.hpp"
#include "refkit/breaker/outcome_window.hpp"
#include "refkit/clock_reader.hpp"
#include "refkit/permit.hpp"
#include "refkit/striped_counter.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

namespace squall::refkit {

class CircuitBreaker;

struct BreakerTicket {
    std::uint64_t generation;
    Instant started;
};

/// Permits that are out, where sanitizers watch: counted, and asserted to be none when their breaker goes. Elsewhere it
/// would cost every call two more read-modify-writes.
class PermitsOut {
public:
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    ~PermitsOut()
    {
        SQUALL_ASSERT(count_ == 0);
    }
    void one_more()
    {
        ++count_;
    }
    void one_less()
    {
        --count_;
    }

private:
    std::atomic<std::int64_t> count_{0};
#else
    void one_more() {}
    void one_less() {}
#endif
};

/// Says how the call went; destroyed without a word, it was ignored. Must not outlive its breaker: builds with
/// sanitizers assert it.
class BreakerPermit : public Permit<CircuitBreaker*, BreakerTicket> {
public:
    BreakerPermit(CircuitBreaker* breaker, std::uint64_t generation, Instant started)
        : Permit(breaker, BreakerTicket{generation, started})
    {}
    void on_success() { settle(Verdict::success); }
    void on_error() { settle(Verdict::failure); }
    void on_ignored() { settle(Verdict::ignored); }
};

/// Thread-safe, also its permits: each by one thread at a time.
class CircuitBreaker {
public:
    /// Hears of every change of phase, on the thread that caused it and outside the lock: it may use the breaker.
    /// Must not throw.
    using Listener = std::function<void(const Transition&)>;

    /// Throws std::invalid_argument when check(params) finds something broken. `random` makes the jitter.
    CircuitBreaker(BreakerParams params, Random random, std::shared_ptr<const Clock> clock, Listener listener = {});
    CircuitBreaker(const CircuitBreaker&) = delete;
    CircuitBreaker& operator=(const CircuitBreaker&) = delete;

    /// A permit, or circuit_open with the time until the breaker decides anew (none when it is forced open).
    [[nodiscard]] Admission<BreakerPermit> try_acquire_permission();

    void force_open() { go(BreakerPhase::forced_open); }
    void disable() { go(BreakerPhase::disabled); }
    void only_measure() { go(BreakerPhase::metrics_only); }
    /// Closes, with an empty window. Nothing happens when it is closed.
    void close() { go(BreakerPhase::closed); }

    [[nodiscard]] BreakerPhase phase() const { return phase_of(word_.load(std::memory_order_acquire)); }
    [[nodiscard]] BreakerStats stats() const;
    [[nodiscard]] const BreakerParams& params() const { return state_.params(); }

private:
    friend class Permit<CircuitBreaker*, BreakerTicket>;
    enum Counter : std::size_t { successes, failures, slow_ones, ignored, late, rejections, counters };

    static BreakerPhase phase_of(std::uint64_t word) { return static_cast<BreakerPhase>(word & 7); }
    static std::uint64_t generation_of(std::uint64_t word) { return word >> 3; }

    void settle(const BreakerTicket& ticket, Verdict verdict);
    void count(Verdict verdict, bool slow);
    void record(std::uint64_t word, Instant now, Outcome outcome);
    [[nodiscard]] Admission<BreakerPermit> ask(Instant now);
    [[nodiscard]] Admission<BreakerPermit> refuse(std::optional<Duration> retry_after);
    void go(BreakerPhase phase);
    void publish(const std::optional<Transition>& moved);
    void tell(const std::optional<Transition>& moved) const;

    ClockReader clock_;
    Listener listener_;
    OutcomeWindow window_;
    std::atomic<std::uint64_t> word_;    // generation : 61, phase : 3
    std::atomic<Instant::rep> until_{0}; // while open,
    std::atomic<Duration::rep> wait_{0}; // and how long that was from its beginning
    mutable std::mutex mutex_;           // of state_
    BreakerState state_;
    std::atomic<std::uint64_t> transitions_{0};
    StripedCounters<counters> counts_;
    PermitsOut permits_out_;
};

} // namespace squall::refkit
