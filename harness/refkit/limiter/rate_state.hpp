// What a rate limiter with a queue decides. Pure: events and instants in, actions out.
//
// A caller that waits has a turn, the instant at which the rate will admit it, first come, first served. One whose turn
// lies behind its deadline is refused at once. One that goes away costs nothing: those behind it move up.
#pragma once

#include "refkit/deadline_queue.hpp"
#include "refkit/limiter/caller.hpp"
#include "refkit/limiter/gcra.hpp"
#include "refkit/limiter/limiter_params.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace squall::refkit {

struct RateStats {
    std::size_t waiters = 0;    // now; the others count
    std::uint64_t admitted = 0; // with or without waiting
    std::uint64_t waited = 0;   // among those
    std::uint64_t rejected = 0; // at once: no turn in time, or the queue is full
    std::uint64_t timeouts = 0; // of those whose turn a late timer moved
    std::uint64_t cancelled = 0;
};

/// One thread. Every event may leave actions behind; take and perform them in order.
class RateState {
public:
    /// Throws std::invalid_argument when check(params) finds something broken.
    explicit RateState(RateParams params);

    /// At once, or false; nobody overtakes those who wait.
    [[nodiscard]] bool take(Instant now);
    /// At once, or rate_limited with the time until a new caller's turn. Nobody overtakes those who wait.
    [[nodiscard]] Admission<void> try_acquire(Instant now);
    /// Its one Answer may be among the actions already; rate_limited with the time until its turn when that is too
    /// late or the queue full.
    CallerId acquire(Instant now, Instant deadline);
    /// The caller went away: acquire_cancelled. Unknown ones are ignored; one that was admitted has used its turn.
    void cancel(CallerId caller, Instant now);
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
    [[nodiscard]] RateStats stats() const;
    [[nodiscard]] const RateParams& params() const { return params_; }

private:
    struct Waiter {
        Instant deadline{};
    };

    void answer(CallerId caller, std::optional<Rejection> refused);
    void serve(Instant now);
    void expire(Instant now);
    void time_out(CallerId caller);
    void wake(Instant turn);

    RateParams params_;
    Gcra gcra_;
    DeadlineQueue<CallerId, Waiter> queue_;
    Instant wake_at_ = Instant::max(); // the last wish, unless it has come true
    std::vector<LimiterAction> actions_;
    RateStats totals_;
};

} // namespace squall::refkit
