#include "refkit/limiter/rate_state.hpp"

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
    serve(now);
    return caller;
}

void RateState::cancel(CallerId caller, Instant now)
{
    if (waiting_.erase(caller) > 0) {
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
            // The timer came late. Its turn is the next one's.
            ++totals_.timeouts;
            answer(caller, Rejection{Errc::acquire_timeout, std::nullopt});
        } else if (const auto admitted = gcra_.try_acquire(now)) {
            ++totals_.admitted;
            ++totals_.waited;
            answer(caller, std::nullopt);
        } else {
            actions_.emplace_back(WakeAt{saturating_add(now, *admitted.error().retry_after)});
            return;
        }
        waiting_.erase(waiting_.begin());
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
