#include "refkit/pool/pool_state.hpp"
#include "refkit/mutants.hpp"

#include "base/assert.hpp"
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
    for (const auto connection : std::exchange(idle_, {})) {
        close(connection, now);
    }
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
    const WaiterId waiter{next_id_++};
    if (const auto refused = refusal()) {
        reject(waiter, *refused);
        return waiter;
    }
    const bool served_now = waiting_.empty() && !idle_.empty();
    if (!served_now && params_.max_waiters && waiting_.size() >= *params_.max_waiters) {
        reject(waiter, Errc::queue_full);
        return waiter;
    }
    waiting_.emplace(waiter, Waiter{.since = now, .deadline = deadline, .where = where});
    deadlines_.emplace(deadline, waiter);
    settle(now);
    if (const auto found = waiting_.find(waiter); found != waiting_.end()) {
        found->second.waited = true;
    }
    return waiter;
}

void PoolState::reject(WaiterId waiter, Errc error)
{
    ++totals_.rejected;
    actions_.emplace_back(Complete{waiter, error});
}

std::variant<ConnectionId, Errc> PoolState::try_acquire(Instant now, std::source_location where)
{
    if (const auto refused = refusal()) {
        ++totals_.rejected;
        return *refused;
    }
    if (now >= next_look_) {
        settle(now); // what is too old must not be lent
    }
    if (!waiting_.empty() || idle_.empty() || now - connections_.at(idle_.back()).last_alive > params_.validate_after) {
        ++totals_.rejected;
        return Errc::no_connection_available;
    }
    const auto connection = idle_.back();
    idle_.pop_back();
    lend(connection, now, where);
    ++totals_.acquire_count;
    totals_.acquire_durations.record(Duration::zero());
    return connection;
}

void PoolState::collect(WaiterId waiter, Instant now)
{
    const auto found = assigned_.find(waiter);
    SQUALL_ASSERT(found != assigned_.end());
    ++totals_.acquire_count;
    totals_.acquire_duration += now - found->second.waiter.since;
    totals_.acquire_durations.record(now - found->second.waiter.since);
    totals_.empty_acquire_count += found->second.waiter.waited ? 1U : 0U;
    assigned_.erase(found);
}

void PoolState::cancel(WaiterId waiter, Instant now)
{
    if (const auto found = waiting_.find(waiter); found != waiting_.end()) {
        ++totals_.canceled_acquire_count;
        deadlines_.erase({found->second.deadline, waiter});
        waiting_.erase(found);
        actions_.emplace_back(Complete{waiter, Errc::acquire_cancelled});
    } else if (const auto given = assigned_.find(waiter); given != assigned_.end()) {
        ++totals_.canceled_acquire_count;
        const auto connection = given->second.connection;
        assigned_.erase(given);
        if (is(connection, State::in_use) && !SQUALL_MUTANT(hand_off_dropped)) {
            make_available(connection, now, now);
        }
    }
    settle(now);
}

void PoolState::release(ConnectionId connection, ReturnedAs as, Instant now)
{
    if (!is(connection, State::in_use)) {
        return; // aborted meanwhile
    }
    auto& returned = connections_.at(connection);
    returned.last_alive = now;
    if (returned.reported) {
        actions_.emplace_back(ReportLeak{connection, returned.lent_where, now - returned.lent_at, true});
    }
    if (as == ReturnedAs::clean || (as == ReturnedAs::dirty && SQUALL_MUTANT(dirty_return)) ||
        (as == ReturnedAs::broken && SQUALL_MUTANT(answers_shifted))) {
        make_available(connection, now, now);
    } else if (as == ReturnedAs::dirty && phase_ == Phase::running) {
        move(connection, State::resetting);
        actions_.emplace_back(Reset{connection, now + params_.reset_timeout});
    } else {
        close(connection, now);
    }
    settle(now);
}

void PoolState::detach(ConnectionId connection, Instant now)
{
    if (is(connection, State::in_use)) {
        forget(connection);
    }
    settle(now);
}

void PoolState::dialed(ConnectionId connection, Instant now)
{
    failures_ = 0;
    if (is(connection, State::connecting)) {
        come_alive(connection, now);
        make_available(connection, now, now);
    }
    settle(now);
}

void PoolState::dial_failed(ConnectionId connection, Instant now)
{
    if (is(connection, State::connecting)) {
        ++totals_.failed_dials;
        next_dial_ = now + backoff();
        ++failures_;
        forget(connection);
        if (SQUALL_MUTANT(failed_dial_wakes_nobody)) {
            return;
        }
    }
    settle(now);
}

void PoolState::validated(ConnectionId connection, bool alive, Instant now)
{
    totals_.failed_validations += alive ? 0U : 1U;
    if (is(connection, State::validating)) {
        if (alive) {
            connections_.at(connection).last_alive = now;
            // Being asked makes nobody younger: an idle one that is kept alive still counts as unused.
            make_available(connection, now, connections_.at(connection).idle_since);
        } else {
            close(connection, now);
        }
    }
    settle(now);
}

void PoolState::reset_done(ConnectionId connection, bool clean, Instant now)
{
    if (is(connection, State::resetting)) {
        if (clean) {
            connections_.at(connection).last_alive = now;
            make_available(connection, now, now);
        } else {
            close(connection, now);
        }
    }
    settle(now);
}

void PoolState::closed(ConnectionId connection, Instant now)
{
    if (is(connection, State::closing)) {
        forget(connection);
    }
    settle(now);
}

void PoolState::tick(Instant now)
{
    armed_.reset();
    settle(now);
}

std::vector<Action> PoolState::take_actions()
{
    return std::exchange(actions_, {});
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
    stats.waiters = waiting_.size();
    return stats;
}

bool PoolState::finished() const
{
    return (phase_ == Phase::draining || phase_ == Phase::stopped) && connections_.empty();
}

bool PoolState::is(ConnectionId connection, State state) const
{
    const auto found = connections_.find(connection);
    return found != connections_.end() && found->second.state == state;
}

void PoolState::move(ConnectionId id, State to)
{
    auto& connection = connections_.at(id);
    --counts_[static_cast<std::size_t>(connection.state)];
    ++counts_[static_cast<std::size_t>(to)];
    connection.state = to;
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
    for (const auto& [id, connection] : connections_) {
        if (connection.state == state) {
            move(id, State::closing);
            actions_.emplace_back(Close{id, std::nullopt});
        }
    }
}

} // namespace squall::refkit
