#include "refkit/limiter/rate_state.hpp"

#include "refkit/mutants.hpp"

#include <algorithm>
#include <utility>

namespace squall::refkit {

Result<void> check(const RateParams& params)
{
    if (params.acquire_timeout <= Duration::zero()) {
        return fail("rate limiter: acquire_timeout must be longer than 0");
    }
    return check(params.rate);
}

RateState::RateState(RateParams params) : params_((require_valid(check(params)), params)), gcra_(params.rate) {}

Admission<void> RateState::try_acquire(Instant now)
{
    serve(now);
    if (!waiting_.empty()) {
        ++totals_.rejected;
        return Rejection{Errc::rate_limited, gcra_.time_until_turn(now, waiting_.size())};
    }
    const auto admitted = gcra_.try_acquire(now);
    ++(admitted ? totals_.admitted : totals_.rejected);
    return admitted;
}

CallerId RateState::acquire(Instant now, Instant deadline)
{
    serve(now);
    const CallerId caller{next_id_++};
    if (waiting_.empty() && gcra_.try_acquire(now)) {
        ++totals_.admitted;
        answer(caller, std::nullopt);
        return caller;
    }
    const auto turn = gcra_.time_until_turn(now, waiting_.size());
    if (waiting_.size() >= params_.max_waiters || saturating_add(now, turn) > deadline) {
        ++totals_.rejected;
        answer(caller, Rejection{Errc::rate_limited, turn});
        return caller;
    }
    waiting_.emplace(caller, deadline);
    deadlines_.emplace(deadline, caller);
    serve(now);
    return caller;
}

void RateState::cancel(CallerId caller, Instant now)
{
    if (const auto found = waiting_.find(caller); found != waiting_.end()) {
        deadlines_.erase({found->second, caller});
        waiting_.erase(found);
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
    serve(now);
}

void RateState::fail_all(Errc error)
{
    deadlines_.clear();
    for (const auto& [caller, deadline] : std::exchange(waiting_, {})) {
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
    while (!waiting_.empty()) {
        const auto [caller, deadline] = *waiting_.begin();
        if (deadline < now) {
            time_out(caller, deadline); // the timer came late; its turn is the next one's
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
        waiting_.erase(caller);
        deadlines_.erase({deadline, caller});
        answer(caller, std::nullopt);
    }
}

/// Turns lie before deadlines, unless a timer came late and moved all of them.
void RateState::expire(Instant now)
{
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
        const auto [deadline, caller] = *deadlines_.begin();
        time_out(caller, deadline);
    }
}

void RateState::time_out(CallerId caller, Instant deadline)
{
    waiting_.erase(caller);
    deadlines_.erase({deadline, caller});
    ++totals_.timeouts;
    answer(caller, Rejection{Errc::acquire_timeout, std::nullopt});
}

void RateState::wake(Instant turn)
{
    if (!waiting_.empty()) {
        actions_.emplace_back(WakeAt{std::min(turn, deadlines_.begin()->first)});
    }
}

std::vector<LimiterAction> RateState::take_actions()
{
    return std::exchange(actions_, {});
}

RateStats RateState::stats() const
{
    auto stats = totals_;
    stats.waiters = waiting_.size();
    return stats;
}

} // namespace squall::refkit
