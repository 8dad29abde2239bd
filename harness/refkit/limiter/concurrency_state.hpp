// What a limiter of calls at a time decides: a semaphore with a bounded queue under CoDel. Pure: events and instants
// in, actions out. The limit may change at any time (limit.hpp); calls that run are never taken back.
#pragma once

#include "refkit/deadline_queue.hpp"
#include "refkit/limiter/caller.hpp"
#include "refkit/limiter/codel.hpp"
#include "refkit/limiter/limiter_params.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace squall::refkit {

struct ConcurrencyStats {
    std::size_t limit = 0; // these three are of now, the others count
    std::size_t in_flight = 0;
    std::size_t waiters = 0;
    std::uint64_t admitted = 0; // with or without waiting
    std::uint64_t waited = 0;   // among those
    std::uint64_t rejected = 0; // at once: no place and no room in the queue
    std::uint64_t shed = 0;
    std::uint64_t timeouts = 0;
    std::uint64_t cancelled = 0;
};

/// One thread. Every event may leave actions behind; take and perform them in order.
class ConcurrencyState {
public:
    /// Throws std::invalid_argument when check(params) finds something broken or the limit is 0.
    ConcurrencyState(QueueParams params, std::size_t limit);

    /// A place at once, or false; nobody overtakes those who wait.
    [[nodiscard]] bool take(Instant now);
    /// A place at once, or concurrency_limited; nobody overtakes those who wait. Allocates nothing.
    [[nodiscard]] Admission<void> try_acquire(Instant now);
    /// A caller that will wait at most until `deadline`. Its one Answer may be among the actions already:
    /// concurrency_limited, shed, acquire_timeout or acquire_cancelled, or a place, which it then collects or leaves.
    CallerId acquire(Instant now, Instant deadline);
    /// The caller took the place that it was answered. Afterwards it is unknown.
    void collect(CallerId caller);
    /// The caller went away. Its place, when it had one and did not collect it, goes to the next. Unknown: ignored.
    void cancel(CallerId caller, Instant now);
    /// A place is free again.
    void release(Instant now);
    /// At least 1. Who runs above a lower limit runs on.
    void set_limit(std::size_t limit, Instant now);
    void tick(Instant now);
    /// All who wait fail with `error`.
    void fail_all(Errc error);

    [[nodiscard]] std::vector<LimiterAction> take_actions();
    /// The same, into an empty vector that is used again and again; those of the call before must have been performed.
    void take_actions(std::vector<LimiterAction>& into)
    {
        into.swap(actions_);
        queue_.recycle();
    }
    [[nodiscard]] bool has_actions() const { return !actions_.empty(); }
    [[nodiscard]] ConcurrencyStats stats() const;
    [[nodiscard]] std::size_t limit() const { return limit_; }
    [[nodiscard]] std::size_t in_flight() const { return in_flight_; }
    [[nodiscard]] const QueueParams& params() const { return params_; }

private:
    struct Waiter {
        Instant since{};
        Instant deadline{};
    };

    void answer(CallerId caller, std::optional<Rejection> refused);
    void settle(Instant now);
    void expire(Instant now);
    void serve(Instant now);

    QueueParams params_;
    std::size_t limit_;
    std::optional<Codel> codel_;
    std::size_t in_flight_ = 0;             // also places answered and not collected yet
    std::size_t assigned_ = 0;              // these
    DeadlineQueue<CallerId, Waiter> queue_; // their callers stay known
    Instant wake_at_ = Instant::max();      // the last wish, unless it has come true
    std::vector<LimiterAction> actions_;
    ConcurrencyStats totals_;
};

} // namespace squall::refkit
