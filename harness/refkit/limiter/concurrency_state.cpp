#include "refkit/limiter/concurrency_state.hpp"

#include "base/assert.hpp"
#include "refkit/mutants.hpp"

#include <iterator>
#include <utility>

namespace squall::refkit {

Result<void> check(const QueueParams& params)
{
    if (params.acquire_timeout <= Duration::zero()) {
        return fail("queue: acquire_timeout must be longer than 0");
    }
    return params.codel ? check(*params.codel) : Result<void>();
}

ConcurrencyState::ConcurrencyState(QueueParams params, std::size_t limit)
    : params_((require_valid(check(params)), params)),
      limit_(limit)
{
    require_valid(limit >= 1 ? Result<void>() : fail("concurrency limiter: the limit must be at least 1"));
    if (params.codel) {
        codel_.emplace(*params.codel);
    }
}

Admission<void> ConcurrencyState::try_acquire(Instant now)
{
    // Whoever waits does so because no place is free: nobody is overtaken.
    if (in_flight_ >= limit_) {
        ++totals_.rejected;
        return Rejection{Errc::concurrency_limited, std::nullopt};
    }
    if (codel_) {
        (void)codel_->shed(now, Duration::zero()); // a wait of nothing: the queue does not stand
    }
    ++in_flight_;
    ++totals_.admitted;
    return {};
}

CallerId ConcurrencyState::acquire(Instant now, Instant deadline)
{
    settle(now);
    const CallerId caller{next_id_++};
    if (in_flight_ < limit_ && try_acquire(now)) {
        assigned_.insert(caller);
        answer(caller, std::nullopt);
        return caller;
    }
    if (waiting_.size() >= params_.max_waiters) {
        ++totals_.rejected;
        answer(caller, Rejection{Errc::concurrency_limited, std::nullopt});
        return caller;
    }
    waiting_.emplace(caller, Waiter{now, deadline});
    deadlines_.emplace(deadline, caller);
    settle(now);
    return caller;
}

void ConcurrencyState::collect(CallerId caller)
{
    SQUALL_ASSERT(assigned_.erase(caller) == 1);
}

void ConcurrencyState::cancel(CallerId caller, Instant now)
{
    if (SQUALL_MUTANT(cancelled_keeps_queueing)) {
        return;
    }
    if (const auto found = waiting_.find(caller); found != waiting_.end()) {
        ++totals_.cancelled;
        deadlines_.erase({found->second.deadline, caller});
        waiting_.erase(found);
        answer(caller, Rejection{Errc::acquire_cancelled, std::nullopt});
    } else if (assigned_.erase(caller) > 0) {
        ++totals_.cancelled;
        in_flight_ -= SQUALL_MUTANT(place_of_cancelled_lost) ? 0U : 1U;
    }
    settle(now);
}

void ConcurrencyState::release(Instant now)
{
    SQUALL_ASSERT(in_flight_ > assigned_.size());
    --in_flight_;
    settle(now);
}

void ConcurrencyState::set_limit(std::size_t limit, Instant now)
{
    SQUALL_ASSERT(limit >= 1);
    limit_ = limit;
    settle(now);
}

void ConcurrencyState::tick(Instant now)
{
    wake_at_ = Instant::max();
    settle(now);
}

void ConcurrencyState::fail_all(Errc error)
{
    deadlines_.clear();
    for (const auto& [caller, waiter] : std::exchange(waiting_, {})) {
        ++totals_.cancelled;
        answer(caller, Rejection{error, std::nullopt});
    }
}

void ConcurrencyState::answer(CallerId caller, std::optional<Rejection> refused)
{
    actions_.emplace_back(Answer{caller, refused});
}

void ConcurrencyState::settle(Instant now)
{
    if (waiting_.empty()) {
        return;
    }
    expire(now);
    serve(now);
    // A timer that is set for earlier wakes up for nothing once, which costs less than to set it anew each time.
    if (!deadlines_.empty() && deadlines_.begin()->first < wake_at_) {
        wake_at_ = deadlines_.begin()->first;
        actions_.emplace_back(WakeAt{wake_at_});
    }
}

void ConcurrencyState::expire(Instant now)
{
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
        const auto caller = deadlines_.begin()->second;
        deadlines_.erase(deadlines_.begin());
        waiting_.erase(caller);
        ++totals_.timeouts;
        answer(caller, Rejection{Errc::acquire_timeout, std::nullopt});
    }
}

void ConcurrencyState::serve(Instant now)
{
    while (in_flight_ < limit_ && !waiting_.empty()) {
        const auto next = SQUALL_MUTANT(limiter_newest_first) ? std::prev(waiting_.end()) : waiting_.begin();
        const auto [caller, waiter] = *next;
        waiting_.erase(next);
        deadlines_.erase({waiter.deadline, caller});
        if (codel_ && codel_->shed(now, now - waiter.since)) {
            ++totals_.shed;
            answer(caller, Rejection{Errc::shed, params_.codel->interval});
            continue;
        }
        ++in_flight_;
        ++totals_.admitted;
        ++totals_.waited;
        assigned_.insert(caller);
        answer(caller, std::nullopt);
    }
}

std::vector<LimiterAction> ConcurrencyState::take_actions()
{
    return std::exchange(actions_, {});
}

ConcurrencyStats ConcurrencyState::stats() const
{
    auto stats = totals_;
    stats.limit = limit_;
    stats.in_flight = in_flight_;
    stats.waiters = waiting_.size();
    return stats;
}

} // namespace squall::refkit
