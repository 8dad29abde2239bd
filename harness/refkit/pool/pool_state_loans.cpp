// What a pool lends, and how it comes back, where pool_state_quick.hpp does not do.
#include "refkit/mutants.hpp"
#include "refkit/pool/pool_state.hpp"

namespace squall::refkit {

/// At once, if there is something for them.
bool PoolState::serves_newcomers(Instant now)
{
    if (now >= next_look_) {
        settle(now); // what is too old must not be lent
    }
    return phase_ == Phase::running && (waiters_.empty() || barging());
}

bool PoolState::barging() const
{
    return params_.fairness == Fairness::barging || SQUALL_MUTANT(barging_always);
}

WaiterId PoolState::acquire(Instant now, Instant deadline, std::source_location where)
{
    if (const auto refused = refusal()) {
        return reject(*refused);
    }
    if (const auto [id, connection] = pop_fresh(now); connection != nullptr) {
        lend(*connection, now, where);
        const auto waiter = waiters_.enter_served({.since = now, .deadline = deadline, .where = where}, id);
        actions_.emplace_back(Complete{waiter, id});
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

Errc PoolState::turn_away()
{
    ++totals_.rejected;
    return refusal().value_or(Errc::no_connection_available);
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

void PoolState::clean_up(Connection& connection, ConnectionId id, ReturnedAs as, Instant now)
{
    if ((as == ReturnedAs::dirty && SQUALL_MUTANT(dirty_return)) ||
        (as == ReturnedAs::broken && SQUALL_MUTANT(answers_shifted))) {
        make_available(connection, id, now, now);
    } else if (as == ReturnedAs::dirty && phase_ == Phase::running) {
        move(connection, State::resetting);
        ++totals_.resets;
        actions_.emplace_back(Reset{id, now + params_.reset_timeout});
    } else {
        close(id, now);
    }
}

void PoolState::detach(ConnectionId connection, Instant now)
{
    if (is(connection, State::in_use)) {
        forget(connection);
    }
    settle(now);
}

} // namespace squall::refkit
