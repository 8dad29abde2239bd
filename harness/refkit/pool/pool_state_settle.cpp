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
        look_after(now);
        serve_waiters(now);
        expire_waiters(now);
        close_idle(now);
        part_with_idle(now);
        dial(now);
        arm(now);
    }
    SQUALL_ASSERT(counted() <= params_.max);
}

void PoolState::serve_waiters(Instant now)
{
    while (!waiting_.empty() && !idle_.empty() && !(SQUALL_MUTANT(lost_wake_up) && waiting_.size() == 1)) {
        const auto connection = idle_.back();
        if (now - connections_.at(connection).last_alive <= params_.validate_after) {
            idle_.pop_back();
            assign(connection, now);
        } else if (count(State::validating) < waiting_.size()) {
            idle_.pop_back();
            validate(connection, now);
        } else {
            return;
        }
    }
}

void PoolState::assign(ConnectionId connection, Instant now)
{
    const auto first = SQUALL_MUTANT(newest_first) ? std::prev(waiting_.end()) : waiting_.begin();
    const auto waiter = first->first;
    lend(connection, now, first->second.where);
    deadlines_.erase({first->second.deadline, waiter});
    assigned_.emplace(waiter, Assigned{connection, first->second});
    waiting_.erase(first);
    actions_.emplace_back(Complete{waiter, connection});
}

void PoolState::expire_waiters(Instant now)
{
    bool any = false;
    while (!deadlines_.empty() && (deadlines_.begin()->first <= now || (any && SQUALL_MUTANT(one_timeout_drops_all)))) {
        any = true;
        const auto waiter = deadlines_.begin()->second;
        deadlines_.erase(deadlines_.begin());
        waiting_.erase(waiter);
        ++totals_.timeouts;
        actions_.emplace_back(Complete{waiter, Errc::acquire_timeout});
    }
}

void PoolState::fail_waiters(Errc error)
{
    for (const auto& [waiter, ignored] : waiting_) {
        actions_.emplace_back(Complete{waiter, error});
    }
    totals_.rejected += waiting_.size();
    waiting_.clear();
    deadlines_.clear();
}

/// What counts towards max: also what is closing.
std::size_t PoolState::counted() const
{
    return connections_.size() - (SQUALL_MUTANT(snowball) ? count(State::closing) : 0);
}

std::size_t PoolState::dials_wanted() const
{
    const auto coming = count(State::connecting) + count(State::validating) + count(State::resetting);
    const auto open = connections_.size() - count(State::closing);
    const auto for_waiters = waiting_.size() - std::min(waiting_.size(), coming);
    const auto for_minimum = params_.min_idle - std::min(params_.min_idle, open);
    // While the server refuses, one dial at a time tries whether it is back.
    const auto at_a_time = failures_ > 0 ? std::size_t{1} : params_.connect_limit.value_or(params_.max);
    const auto limit = at_a_time - std::min(at_a_time, count(State::connecting));
    return std::min({std::max(for_waiters, for_minimum), params_.max - counted(), limit});
}

void PoolState::dial(Instant now)
{
    auto wanted = backing_off(now) ? 0 : dials_wanted();
    for (; wanted > 0 && (!budget_ || budget_->room(tier_) > 0); --wanted) {
        open(now);
    }
    want_of_budget(wanted);
}

void PoolState::open(Instant now)
{
    const ConnectionId connection{next_id_++};
    connections_.emplace(connection, Connection{}).first->second.generation = generation_;
    ++counts_[static_cast<std::size_t>(State::connecting)];
    ++totals_.dials;
    if (budget_) {
        budget_->take(tier_);
        actions_.emplace_back(BudgetChanged{});
    }
    // The pool's own deadline, so that the dial outlives the caller that caused it.
    auto deadline = now + params_.connect_timeout;
    if (SQUALL_MUTANT(dial_by_callers_deadline) && !deadlines_.empty()) {
        deadline = std::min(deadline, deadlines_.begin()->first);
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
        idle_.pop_front();
    }
}

void PoolState::arm(Instant now)
{
    std::optional<Instant> next;
    const auto consider = [&next](Instant at) { next = next ? std::min(*next, at) : at; };
    if (!deadlines_.empty() && !SQUALL_MUTANT(deadline_not_armed)) {
        consider(deadlines_.begin()->first);
    }
    if (backing_off(now) && dials_wanted() > 0) {
        consider(next_dial_);
    }
    if (reapable()) {
        consider(connections_.at(idle_.front()).idle_since + params_.idle_timeout);
    }
    if (next_look_ != Instant::max()) {
        consider(next_look_);
    }
    // An earlier tick than needed only looks again; re-arming at every change would cost more.
    if (next && (!armed_ || *next < *armed_)) {
        armed_ = next;
        actions_.emplace_back(ArmTimer{*next});
    }
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
