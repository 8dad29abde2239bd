#include "refkit/pool/pool_state.hpp"

#include "base/assert.hpp"
#include "refkit/mutants.hpp"
#include "refkit/rejection.hpp"

#include <utility>

namespace squall::refkit {

PoolState::PoolState(PoolParams params, Random random) : params_(std::move(params)), random_(random)
{
    require_valid(check(params_));
}

void PoolState::share(std::shared_ptr<PoolBudget> budget)
{
    SQUALL_ASSERT(phase_ == Phase::made && !budget_);
    budget_ = std::move(budget);
    tier_ = budget_->add(params_.min_idle);
}

void PoolState::start(Instant now)
{
    if (phase_ == Phase::made) {
        phase_ = Phase::running;
        settle(now);
    }
}

void PoolState::drain(Instant now)
{
    if (phase_ == Phase::made || phase_ == Phase::running) {
        end(Phase::draining, Errc::pool_draining, now);
    }
    settle(now);
}

void PoolState::stop(Instant now)
{
    if (phase_ != Phase::stopped) {
        end(Phase::stopped, Errc::pool_cancelled, now);
        close_all_at_once(State::connecting);
        close_all_at_once(State::validating);
        close_all_at_once(State::resetting);
    }
    settle(now);
}

void PoolState::abort(Instant now)
{
    stop(now);
    close_all_at_once(State::in_use);
    close_all_at_once(State::closing);
}

void PoolState::end(Phase phase, Errc error, Instant now)
{
    phase_ = phase;
    fail_waiters(error);
    if (budget_) {
        budget_->retire(tier_);
        actions_.emplace_back(BudgetChanged{});
    }
    for (const auto connection : idle_) {
        close(connection, now);
    }
    idle_.clear();
}

std::optional<Errc> PoolState::refusal() const
{
    switch (phase_) {
    case Phase::made:
        return Errc::pool_not_running;
    case Phase::draining:
        return Errc::pool_draining;
    case Phase::stopped:
        return Errc::pool_cancelled;
    case Phase::running:
        break;
    }
    return std::nullopt;
}

WaiterId PoolState::acquire(Instant now, Instant deadline, std::source_location where)
{
    if (const auto refused = refusal()) {
        return reject(*refused);
    }
    if (const auto connection = pop_fresh(now); connection != ConnectionId{}) {
        lend(connections_.at(connection), now, where);
        const auto waiter = waiters_.enter_served({.since = now, .deadline = deadline, .where = where}, connection);
        actions_.emplace_back(Complete{waiter, connection});
        arm(now);
        return waiter;
    }
    const bool served_soon = waiters_.empty() && !idle_.empty();
    if (!served_soon && params_.max_waiters && waiters_.size() >= *params_.max_waiters) {
        return reject(Errc::queue_full);
    }
    const auto waiter = waiters_.enter({.since = now, .deadline = deadline, .where = where});
    settle(now);
    if (waiters_.waits(waiter)) {
        waiters_.set_waited(waiter);
    }
    return waiter;
}

WaiterId PoolState::reject(Errc error)
{
    ++totals_.rejected;
    const auto waiter = waiters_.nobody();
    actions_.emplace_back(Complete{waiter, error});
    return waiter;
}

/// An idle connection that may be lent unasked, out of the idle ones, when nobody waits for it with better right.
ConnectionId PoolState::pop_fresh(Instant now)
{
    if (now >= next_look_) {
        settle(now); // what is too old must not be lent
    }
    if (idle_.empty() || (!waiters_.empty() && !barging()) || !fresh(idle_.back(), now)) {
        return {};
    }
    const auto connection = idle_.back();
    idle_.pop_back();
    return connection;
}

bool PoolState::barging() const
{
    return params_.fairness == Fairness::barging || SQUALL_MUTANT(barging_always);
}

bool PoolState::fresh(ConnectionId connection, Instant now) const
{
    return now - connections_.at(connection).last_alive <= params_.validate_after;
}

ConnectionId PoolState::take(Instant now, std::source_location where)
{
    const auto connection = phase_ == Phase::running ? pop_fresh(now) : ConnectionId{};
    if (connection == ConnectionId{}) {
        return connection;
    }
    auto& taken = connections_.at(connection);
    lend(taken, now, where);
    taken.timed = times_next_loan();
    ++loans_taken_;
    ++totals_.acquire_count;
    totals_.acquire_durations.record(Duration::zero());
    if (params_.leak_detection_threshold || !waiters_.empty()) {
        arm(now); // else nothing falls due earlier than before
    }
    return connection;
}

Errc PoolState::turn_away()
{
    ++totals_.rejected;
    return refusal().value_or(Errc::no_connection_available);
}

void PoolState::lend(Connection& connection, Instant now, std::source_location where)
{
    move(connection, State::in_use);
    ++connection.loans;
    connection.lent_at = now;
    connection.lent_where = where;
    connection.reported = false;
    connection.timed = true;
    unserved_since_.reset();
    if (params_.leak_detection_threshold) {
        look_again_at(now + *params_.leak_detection_threshold);
    }
}

void PoolState::collect(WaiterId waiter, Instant now)
{
    const auto* served = waiters_.find(waiter);
    SQUALL_ASSERT(served != nullptr && served->given.has_value());
    ++totals_.acquire_count;
    totals_.acquire_duration += now - served->since;
    totals_.acquire_durations.record(now - served->since);
    totals_.empty_acquire_count += served->waited ? 1U : 0U;
    waiters_.erase(waiter);
}

void PoolState::cancel(WaiterId waiter, Instant now)
{
    if (const auto* found = waiters_.find(waiter)) {
        ++totals_.canceled_acquire_count;
        const auto given = found->given;
        waiters_.erase(waiter);
        if (!given) {
            actions_.emplace_back(Complete{waiter, Errc::acquire_cancelled});
        } else if (is(*given, State::in_use) && !SQUALL_MUTANT(hand_off_dropped)) {
            make_available(*given, now, now);
        }
    }
    settle(now);
}

std::vector<Action> PoolState::take_actions()
{
    std::vector<Action> actions;
    take_actions(actions);
    return actions;
}

PoolStats PoolState::stats() const
{
    auto stats = totals_;
    stats.max = params_.max;
    stats.total = connections_.size();
    stats.idle = count(State::idle);
    stats.acquired = count(State::in_use);
    stats.constructing = count(State::connecting);
    stats.validating = count(State::validating);
    stats.resetting = count(State::resetting);
    stats.closing = count(State::closing);
    stats.waiters = waiters_.size();
    return stats;
}

void PoolState::forget(ConnectionId connection)
{
    --counts_[static_cast<std::size_t>(connections_.at(connection).state)];
    connections_.erase(connection);
    if (budget_) {
        budget_->give_back(tier_);
        actions_.emplace_back(BudgetChanged{});
    }
}

void PoolState::close(ConnectionId connection, Instant now)
{
    move(connection, State::closing);
    actions_.emplace_back(Close{connection, now + params_.close_timeout});
}

void PoolState::close_all_at_once(State state)
{
    connections_.each([this, state](ConnectionId id, const Connection& connection) {
        if (connection.state == state) {
            move(id, State::closing);
            actions_.emplace_back(Close{id, std::nullopt});
        }
    });
}

} // namespace squall::refkit
