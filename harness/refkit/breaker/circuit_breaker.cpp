#include "refkit/breaker/circuit_breaker.hpp"

#include "refkit/mutants.hpp"

#include <utility>

namespace squall::refkit {
namespace {

const BreakerParams& checked(const BreakerParams& params)
{
    require_valid(check(params));
    return params;
}

std::uint64_t word_of(BreakerPhase phase, std::uint64_t generation)
{
    return generation << 3 | static_cast<std::uint64_t>(phase);
}

} // namespace

CircuitBreaker::CircuitBreaker(BreakerParams params, Random random, std::shared_ptr<const Clock> clock,
                               Listener listener)
    : clock_(std::move(clock)),
      listener_(std::move(listener)),
      window_(checked(params).rule),
      word_(word_of(BreakerPhase::closed, 1)),
      state_(params, random)
{
    window_.reset(state_.generation());
}

Admission<BreakerPermit> CircuitBreaker::try_acquire_permission()
{
    const auto now = clock_.now();
    const auto word = word_.load(std::memory_order_acquire);
    switch (phase_of(word)) {
    case BreakerPhase::closed:
    case BreakerPhase::disabled:
    case BreakerPhase::metrics_only:
        permits_out_.one_more();
        return Admission<BreakerPermit>(boost::system::in_place_value, this, generation_of(word), now);
    case BreakerPhase::forced_open:
        return refuse(std::nullopt);
    case BreakerPhase::open: {
        const auto left = Instant(Duration(until_.load(std::memory_order_relaxed))) - now;
        // More left than the wait was long: the clock jumped back.
        if (left > Duration::zero() && left.count() <= wait_.load(std::memory_order_relaxed)) {
            counts_.count(rejections);
            return Admission<BreakerPermit>(boost::system::in_place_error, Errc::circuit_open, left);
        }
        return ask(now);
    }
    case BreakerPhase::half_open:
        break;
    }
    return ask(now);
}

Admission<BreakerPermit> CircuitBreaker::ask(Instant now)
{
    std::unique_lock lock(mutex_);
    const auto asked = state_.ask(now);
    publish(asked.moved);
    lock.unlock();
    if (asked.answer) {
        permits_out_.one_more();
    }
    // The permit before the listener, so that its place is given back whatever becomes of this call.
    auto admission = asked.answer
                         ? Admission<BreakerPermit>(boost::system::in_place_value, this, asked.answer.value(), now)
                         : refuse(asked.answer.error().retry_after);
    tell(asked.moved);
    return admission;
}

Admission<BreakerPermit> CircuitBreaker::refuse(std::optional<Duration> retry_after)
{
    counts_.count(rejections);
    return rejected<BreakerPermit>(Errc::circuit_open, retry_after);
}

void CircuitBreaker::settle(const BreakerTicket& ticket, Verdict verdict)
{
    permits_out_.one_less();
    const auto word = word_.load(std::memory_order_acquire);
    const auto phase = phase_of(word);
    const bool current = generation_of(word) == ticket.generation || SQUALL_MUTANT(late_result_counted);
    if (verdict == Verdict::ignored && (!current || phase != BreakerPhase::half_open)) {
        counts_.count(ignored);
        return;
    }
    if (!current) {
        counts_.count(late);
        return;
    }
    const auto now = clock_.now();
    const bool slow = verdict != Verdict::ignored && now - ticket.started >= state_.params().slow_call;
    count(verdict, slow);
    if (phase == BreakerPhase::half_open) {
        std::unique_lock lock(mutex_);
        const auto moved = state_.settle(ticket.generation, verdict, slow, now);
        publish(moved);
        lock.unlock();
        tell(moved);
    } else if (phase != BreakerPhase::disabled) {
        record(word, now, {verdict == Verdict::failure, slow});
    }
}

void CircuitBreaker::count(Verdict verdict, bool slow)
{
    counts_.count(verdict == Verdict::success ? successes : verdict == Verdict::failure ? failures : ignored);
    if (slow) {
        counts_.count(slow_ones);
    }
}

void CircuitBreaker::record(std::uint64_t word, Instant now, Outcome outcome)
{
    if (!window_.record(generation_of(word), now, outcome) || phase_of(word) != BreakerPhase::closed) {
        return;
    }
    std::unique_lock lock(mutex_);
    const auto moved = state_.trip(generation_of(word), now);
    publish(moved);
    lock.unlock();
    tell(moved);
}

void CircuitBreaker::go(BreakerPhase phase)
{
    std::unique_lock lock(mutex_);
    const auto moved = state_.go(phase, clock_.now());
    publish(moved);
    lock.unlock();
    tell(moved);
}

/// Under the lock. What belongs to the new phase stands before the word that announces it.
void CircuitBreaker::publish(const std::optional<Transition>& moved)
{
    if (moved) {
        transitions_.fetch_add(1, std::memory_order_relaxed);
        window_.reset(moved->generation);
    }
    until_.store(state_.until().time_since_epoch().count(), std::memory_order_relaxed);
    wait_.store(state_.wait().count(), std::memory_order_relaxed);
    word_.store(word_of(state_.phase(), state_.generation()), std::memory_order_release);
}

void CircuitBreaker::tell(const std::optional<Transition>& moved) const
{
    if (moved && listener_) {
        listener_(*moved);
    }
}

BreakerStats CircuitBreaker::stats() const
{
    return {phase(),
            window_.counts(clock_.now()),
            transitions_.load(std::memory_order_relaxed),
            counts_.value(successes),
            counts_.value(failures),
            counts_.value(slow_ones),
            counts_.value(ignored),
            counts_.value(late),
            counts_.value(rejections)};
}

} // namespace squall::refkit
