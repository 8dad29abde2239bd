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
    stir();
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
