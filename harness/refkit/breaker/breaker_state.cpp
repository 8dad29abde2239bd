#include "refkit/breaker/breaker_state.hpp"

#include "refkit/mutants.hpp"

#include <algorithm>
#include <cmath>

namespace squall::refkit {

bool reaches(const Rates& rule, const WindowCounts& counts)
{
    // A quotient, not a product: 7 of 100 are to reach 0.07 exactly. No rate is 0, and most calls are well: that
    // nothing went wrong is told without dividing.
    const auto reached = [&counts](std::uint64_t part, const std::optional<Ratio>& rate) {
        return part > 0 && rate && static_cast<double>(part) / static_cast<double>(counts.calls) >= rate->value();
    };
    return reached(counts.failures, rule.failure_rate) || reached(counts.slow, rule.slow_call_rate);
}

BreakerState::BreakerState(BreakerParams params, Random random) : params_(params), random_(random)
{
    require_valid(check(params_));
}

BreakerState::Asked BreakerState::ask(Instant now)
{
    heed_clock(now);
    std::optional<Transition> moved;
    if (phase_ == BreakerPhase::open && now >= until_) {
        moved = move(BreakerPhase::half_open, now);
        wait_until(now, SQUALL_MUTANT(half_open_forever) ? std::chrono::hours(1) : params_.max_wait_in_half_open);
    } else if (phase_ == BreakerPhase::half_open && now >= until_) {
        moved = open(now);
    }
    if (phase_ == BreakerPhase::forced_open) {
        return {Rejection{Errc::circuit_open, std::nullopt}, moved};
    }
    const auto under_way = SQUALL_MUTANT(half_open_over_admission) ? 0 : in_flight_;
    const bool full = under_way + results_.calls >= params_.half_open_permits;
    if (phase_ == BreakerPhase::open || (phase_ == BreakerPhase::half_open && full)) {
        return {Rejection{Errc::circuit_open, until_ - now}, moved};
    }
    in_flight_ += phase_ == BreakerPhase::half_open ? 1U : 0U;
    return {generation_, moved};
}

std::optional<Transition> BreakerState::settle(std::uint64_t generation, Verdict verdict, bool slow, Instant now)
{
    if ((generation != generation_ && !SQUALL_MUTANT(late_result_counted)) || phase_ != BreakerPhase::half_open) {
        return std::nullopt;
    }
    in_flight_ -= SQUALL_MUTANT(half_open_permit_kept) && verdict == Verdict::ignored ? 0U : 1U;
    if (now >= until_) {
        return open(now);
    }
    if (verdict == Verdict::ignored) {
        return std::nullopt;
    }
    ++results_.calls;
    results_.failures += verdict == Verdict::failure ? 1U : 0U;
    results_.slow += slow ? 1U : 0U;
    if (results_.calls < params_.half_open_permits) {
        return std::nullopt;
    }
    if (half_open_failed()) {
        return open(now);
    }
    attempt_ = 0;
    return move(BreakerPhase::closed, now);
}

std::optional<Transition> BreakerState::trip(std::uint64_t generation, Instant now)
{
    if (generation != generation_ || phase_ != BreakerPhase::closed) {
        return std::nullopt;
    }
    return open(now);
}

std::optional<Transition> BreakerState::go(BreakerPhase phase, Instant now)
{
    if (phase == phase_) {
        return std::nullopt;
    }
    attempt_ = 0;
    return move(phase, now);
}

Transition BreakerState::move(BreakerPhase to, Instant now)
{
    const Transition transition{phase_, to, ++generation_, now};
    phase_ = to;
    in_flight_ = 0;
    results_ = {};
    return transition;
}

Transition BreakerState::open(Instant now)
{
    const auto transition = move(BreakerPhase::open, now);
    wait_until(now, next_wait());
    return transition;
}

void BreakerState::wait_until(Instant now, Duration wait)
{
    until_ = saturating_add(now, wait);
    wait_ = wait;
}

void BreakerState::heed_clock(Instant now)
{
    if (until_ - now > wait_ && !SQUALL_MUTANT(breaker_trusts_clock)) {
        until_ = now + wait_;
    }
}

Duration BreakerState::next_wait()
{
    // In seconds as a double, so that no growth overflows before the longest wait cuts it off.
    const auto grown = to_seconds(params_.open_wait) * std::pow(params_.open_wait_growth, attempt_);
    const auto wait = std::min(grown, to_seconds(params_.open_wait_longest));
    ++attempt_;
    const auto spread = params_.open_wait_jitter.value() * (2 * random_.uniform() - 1);
    constexpr double longest = 3e9; // within what Duration holds, with room to add
    return std::max(Duration(1), from_seconds(std::min(longest, wait * (1 + spread))));
}

bool BreakerState::half_open_failed() const
{
    const auto* rates = std::get_if<Rates>(&params_.rule);
    return rates != nullptr ? reaches(*rates, results_) : results_.failures > 0;
}

} // namespace squall::refkit
