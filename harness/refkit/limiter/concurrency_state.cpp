#include "refkit/limiter/concurrency_state.hpp"

#include "base/assert.hpp"
#include "refkit/mutants.hpp"

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

bool ConcurrencyState::take(Instant now)
{
    // Whoever waits does so because no place is free: nobody is overtaken.
    if (in_flight_ >= limit_) {
        return false;
    }
    if (codel_) {
        (void)codel_->shed(now, Duration::zero()); // a wait of nothing: the queue does not stand
    }
    ++in_flight_;
    ++totals_.admitted;
    return true;
}

Admission<void> ConcurrencyState::try_acquire(Instant now)
{
    if (take(now)) {
        return {};
    }
    ++totals_.rejected;
    return rejected<void>(Errc::concurrency_limited, std::nullopt);
}

CallerId ConcurrencyState::acquire(Instant now, Instant deadline)
{
    settle(now);
    if (take(now)) {
        const auto caller = queue_.enter_served({now, deadline});
        ++assigned_;
        answer(caller, std::nullopt);
        return caller;
    }
    if (queue_.size() >= params_.max_waiters) {
        const auto caller = queue_.nobody();
        ++totals_.rejected;
        answer(caller, Rejection{Errc::concurrency_limited, std::nullopt});
        return caller;
    }
    const auto caller = queue_.enter({now, deadline});
    settle(now);
    return caller;
}

void ConcurrencyState::collect(CallerId caller)
{
    SQUALL_ASSERT(queue_.find(caller) != nullptr && !queue_.waits(caller));
    queue_.erase(caller);
    --assigned_;
}

void ConcurrencyState::cancel(CallerId caller, Instant now)
{
    if (queue_.waits(caller)) {
        ++totals_.cancelled;
        queue_.erase(caller);
        answer(caller, Rejection{Errc::acquire_cancelled, std::nullopt});
    } else if (queue_.find(caller) != nullptr) {
        ++totals_.cancelled;
        collect(caller);
        in_flight_ -= SQUALL_MUTANT(place_of_cancelled_lost) ? 0U : 1U;
    }
    settle(now);
}

void ConcurrencyState::release(Instant now)
{
    SQUALL_ASSERT(in_flight_ > assigned_);
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
    while (!queue_.empty()) {
        const auto caller = queue_.first();
        queue_.erase(caller);
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
    if (queue_.empty()) {
        return;
    }
    expire(now);
    serve(now);
    // A timer that is set for earlier wakes up for nothing once, which costs less than to set it anew each time.
    if (!queue_.empty() && queue_.next_deadline() < wake_at_) {
        wake_at_ = queue_.next_deadline();
        actions_.emplace_back(WakeAt{wake_at_});
    }
}

void ConcurrencyState::expire(Instant now)
{
    while (!queue_.empty() && queue_.next_deadline() <= now) {
        const auto caller = queue_.most_urgent();
        queue_.erase(caller);
        ++totals_.timeouts;
        answer(caller, Rejection{Errc::acquire_timeout, std::nullopt});
    }
}

void ConcurrencyState::serve(Instant now)
{
    while (in_flight_ < limit_ && !queue_.empty()) {
        const auto caller = SQUALL_MUTANT(limiter_newest_first) ? queue_.last() : queue_.first();
        const auto since = queue_.serve(caller).since;
        if (codel_ && codel_->shed(now, now - since)) {
            queue_.erase(caller);
            ++totals_.shed;
            answer(caller, Rejection{Errc::shed, params_.codel->interval});
            continue;
        }
        ++in_flight_;
        ++assigned_;
        ++totals_.admitted;
        ++totals_.waited;
        answer(caller, std::nullopt);
    }
}

std::vector<LimiterAction> ConcurrencyState::take_actions()
{
    std::vector<LimiterAction> taken;
    take_actions(taken);
    return taken;
}

ConcurrencyStats ConcurrencyState::stats() const
{
    auto stats = totals_;
    stats.limit = limit_;
    stats.in_flight = in_flight_;
    stats.waiters = queue_.size();
    return stats;
}

} // namespace squall::refkit
