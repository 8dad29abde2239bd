#include "refkit/limiter/rate_state.hpp"

#include "refkit/mutants.hpp"

#include <algorithm>

namespace squall::refkit {

Result<void> check(const RateParams& params)
{
    if (params.acquire_timeout <= Duration::zero()) {
        return fail("rate limiter: acquire_timeout must be longer than 0");
    }
    return check(params.rate);
}

RateState::RateState(RateParams params) : params_((require_valid(check(params)), params)), gcra_(params.rate) {}

bool RateState::take(Instant now)
{
    const bool taken = queue_.empty() && gcra_.try_acquire(now);
    totals_.admitted += taken ? 1U : 0U;
    return taken;
}

Admission<void> RateState::try_acquire(Instant now)
{
    serve(now);
    if (!queue_.empty()) {
        ++totals_.rejected;
        return Rejection{Errc::rate_limited, gcra_.time_until_turn(now, queue_.size())};
    }
    const auto admitted = gcra_.try_acquire(now);
    ++(admitted ? totals_.admitted : totals_.rejected);
    return admitted;
}

CallerId RateState::acquire(Instant now, Instant deadline)
{
    serve(now);
    if (take(now)) {
        const auto caller = queue_.nobody();
        answer(caller, std::nullopt);
        return caller;
    }
    const auto turn = gcra_.time_until_turn(now, queue_.size());
    if (queue_.size() >= params_.max_waiters || saturating_add(now, turn) > deadline) {
        const auto caller = queue_.nobody();
        ++totals_.rejected;
        answer(caller, Rejection{Errc::rate_limited, turn});
        return caller;
    }
    const auto caller = queue_.enter({deadline});
    serve(now);
    return caller;
}

void RateState::cancel(CallerId caller, Instant now)
{
    if (queue_.waits(caller)) {
        queue_.erase(caller);
        if (SQUALL_MUTANT(turn_of_cancelled_lost)) {
            (void)gcra_.try_acquire(now + gcra_.time_until_turn(now));
        }
        ++totals_.cancelled;
        answer(caller, Rejection{Errc::acquire_cancelled, std::nullopt});
    }
    serve(now);
}

void RateState::tick(Instant now)
{
    wake_at_ = Instant::max();
    serve(now);
}

void RateState::fail_all(Errc error)
{
    while (!queue_.empty()) {
        const auto caller = queue_.first();
        queue_.erase(caller);
        ++totals_.cancelled;
        answer(caller, Rejection{error, std::nullopt});
    }
}

void RateState::answer(CallerId caller, std::optional<Rejection> refused)
{
    actions_.emplace_back(Answer{caller, refused});
}

void RateState::serve(Instant now)
{
    while (!queue_.empty()) {
        const auto caller = queue_.first();
        if (queue_.at(caller).deadline < now) {
            time_out(caller); // the timer came late; its turn is the next one's
            continue;
        }
        const auto admitted = gcra_.try_acquire(now);
        if (!admitted) {
            expire(now);
            wake(saturating_add(now, *admitted.error().retry_after));
            return;
        }
        ++totals_.admitted;
        ++totals_.waited;
        queue_.erase(caller);
        answer(caller, std::nullopt);
    }
}

/// Turns lie before deadlines, unless a timer came late and moved all of them.
void RateState::expire(Instant now)
{
    while (!queue_.empty() && queue_.next_deadline() <= now) {
        time_out(queue_.most_urgent());
    }
}

void RateState::time_out(CallerId caller)
{
    queue_.erase(caller);
    ++totals_.timeouts;
    answer(caller, Rejection{Errc::acquire_timeout, std::nullopt});
}

/// A timer that is set for earlier wakes up for nothing once, which costs less than to set it anew each time.
void RateState::wake(Instant turn)
{
    if (queue_.empty()) {
        return;
    }
    if (const auto at = std::min(turn, queue_.next_deadline()); at < wake_at_) {
        wake_at_ = at;
        actions_.emplace_back(WakeAt{at});
    }
}

std::vector<LimiterAction> RateState::take_actions()
{
    std::vector<LimiterAction> taken;
    take_actions(taken);
    return taken;
}

RateStats RateState::stats() const
{
    auto stats = totals_;
    stats.waiters = queue_.size();
    return stats;
}

} // namespace squall::refkit
