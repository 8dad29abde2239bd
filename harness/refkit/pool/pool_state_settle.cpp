// The rules that hold after every event: who is served, what is fetched, what is closed, when to look again.
#include "base/assert.hpp"
#include "refkit/mutants.hpp"
#include "refkit/pool/pool_state.hpp"

#include <algorithm>

namespace squall::refkit {

/// What follows from any event: everything that can be served is served, everything that must be fetched is dialed.
void PoolState::settle(Instant now)
{
    if (phase_ == Phase::running) {
        go_through_all(now);
        arm(now);
    }
    SQUALL_ASSERT(counted() <= params_.max);
}

void PoolState::go_through_all(Instant now)
{
    look_after(now);
    serve_waiters(now);
    expire_waiters(now);
    close_idle(now);
    part_with_idle(now);
    dial(now);
}

void PoolState::serve_waiters(Instant now)
{
    while (!waiters_.empty() && !idle_.empty() && !(SQUALL_MUTANT(lost_wake_up) && waiters_.size() == 1)) {
        const auto connection = idle_.back();
        if (fresh(connections_.at(connection), now)) {
            if (barging()) {
                if (!offer()) {
                    return;
                }
                continue;
            }
            idle_.pop_back();
            assign(connection, now);
        } else if (count(State::validating) < waiters_.size()) {
            idle_.pop_back();
            validate(connection, now);
        } else {
            return;
        }
    }
}

/// One more turn in which whoever asks may be quicker than those who wait; false when there are enough of them.
bool PoolState::offer()
{
    if (offers_ >= std::min(waiters_.size(), idle_.size()) || SQUALL_MUTANT(offer_lost)) {
        return false;
    }
    ++offers_;
    actions_.emplace_back(Offer{});
    return true;
}

void PoolState::offer_due(Instant now)
{
    --offers_;
    if (phase_ == Phase::running && !waiters_.empty() && !idle_.empty() && fresh(connections_.at(idle_.back()), now)) {
        const auto connection = idle_.back();
        idle_.pop_back();
        assign(connection, now);
    }
    settle(now);
}

void PoolState::assign(ConnectionId connection, Instant now)
{
    const auto waiter = SQUALL_MUTANT(newest_first) ? waiters_.last() : waiters_.first();
    lend(connections_.at(connection), now, waiters_.find(waiter)->where);
    waiters_.give(waiter, connection);
    actions_.emplace_back(Complete{waiter, connection});
}

void PoolState::expire_waiters(Instant now)
{
    bool any = false;
    while (!waiters_.empty() && (waiters_.next_deadline() <= now || (any && SQUALL_MUTANT(one_timeout_drops_all)))) {
        any = true;
        const auto waiter = waiters_.most_urgent();
        waiters_.erase(waiter);
        ++totals_.timeouts;
        actions_.emplace_back(Complete{waiter, Errc::acquire_timeout});
    }
}

void PoolState::fail_waiters(Errc error)
{
    totals_.rejected += waiters_.size();
    while (!waiters_.empty()) {
        const auto waiter = waiters_.first();
        waiters_.erase(waiter);
        actions_.emplace_back(Complete{waiter, error});
    }
}

/// What counts towards max: also what is closing.
std::size_t PoolState::counted() const
{
    return connections_.size() - (SQUALL_MUTANT(snowball) ? count(State::closing) : 0);
}

/// Those that nothing is under way for.
std::size_t PoolState::not_served() const
{
    const auto coming = count(State::connecting) + count(State::validating) + count(State::resetting);
    return waiters_.size() - std::min(waiters_.size(), coming);
}

std::size_t PoolState::dials_wanted(Instant now) const
{
    if (counted() == params_.max) {
        return 0;
    }
    const auto for_waiters = need_.more(not_served(), open(), now - stalled_since(now));
    const auto for_minimum = params_.min_idle - std::min(params_.min_idle, open());
    // While the server refuses, one dial at a time tries whether it is back.
    const auto at_a_time = failures_ > 0 ? std::size_t{1} : params_.connect_limit.value_or(params_.max);
    const auto limit = at_a_time - std::min(at_a_time, count(State::connecting));
    return std::min({std::max(for_waiters, for_minimum), params_.max - counted(), limit});
}

void PoolState::dial(Instant now)
{
    if (!waiters_.empty() && !unserved_since_) {
        unserved_since_ = now; // those who give up do not end the stall
    }
    auto wanted = backing_off(now) ? 0 : dials_wanted(now);
    for (; wanted > 0 && (!budget_ || budget_->room(tier_) > 0); --wanted) {
        open_one(now);
    }
    want_of_budget(wanted);
}

void PoolState::open_one(Instant now)
{
    const auto connection = connections_.add({.generation = generation_, .lent_at = now});
    idle_.reserve(connections_.size());
    ++counts_[static_cast<std::size_t>(State::connecting)];
    ++totals_.dials;
    if (budget_) {
        budget_->take(tier_);
        actions_.emplace_back(BudgetChanged{});
    }
    // The pool's own deadline, so that the dial outlives the caller that caused it.
    auto deadline = now + params_.connect_timeout;
    if (SQUALL_MUTANT(dial_by_callers_deadline) && !waiters_.empty()) {
        deadline = std::min(deadline, waiters_.next_deadline());
    }
    actions_.emplace_back(Dial{connection, deadline});
}

void PoolState::want_of_budget(std::size_t more)
{
    if (budget_ && budget_->want(tier_, more)) {
        actions_.emplace_back(BudgetChanged{});
    }
}

/// What lies idle here may be what another tier waits for.
void PoolState::part_with_idle(Instant now)
{
    if (!budget_) {
        return;
    }
    const auto wanted = budget_->wanted_by_others(tier_);
    while (count(State::closing) < wanted && reapable()) {
        ++totals_.idle_closed;
        close(idle_.front(), now);
        idle_.erase(idle_.begin());
    }
}

void PoolState::arm(Instant now)
{
    auto next = next_look_;
    if (!waiters_.empty() && !SQUALL_MUTANT(deadline_not_armed)) {
        next = std::min(next, waiters_.next_deadline());
    }
    if (const auto patience = patience_ends(now); patience > now) {
        next = std::min(next, patience);
    }
    if (backing_off(now) && dials_wanted(now) > 0) {
        next = std::min(next, next_dial_);
    }
    const auto no_upkeep_before = std::min(next_look_, no_reaping_before(now));
    next = std::min(next, no_upkeep_before);
    quiet_until_ = waiters_.empty() && !budget_ ? no_upkeep_before : Instant::min();
    // An earlier tick than needed only looks again; re-arming at every change would cost more.
    if (next < armed_) {
        armed_ = next;
        actions_.emplace_back(ArmTimer{next});
    }
}

/// When those who wait will be taken for stalled.
Instant PoolState::patience_ends(Instant now) const
{
    const bool may_dial = counted() < params_.max;
    const auto patience = may_dial && not_served() > 0 ? need_.patience() : std::nullopt;
    return patience ? stalled_since(now) + *patience : Instant::min();
}

Duration PoolState::backoff()
{
    auto delay = params_.backoff_first;
    for (unsigned doubling = 0; doubling < failures_ && delay < params_.backoff_longest; ++doubling) {
        delay *= 2;
    }
    delay = std::min(delay, params_.backoff_longest);
    return from_seconds(to_seconds(delay) * (1.0 - 0.5 * random_.uniform()));
}

} // namespace squall::refkit
