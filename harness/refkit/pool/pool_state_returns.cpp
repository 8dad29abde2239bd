// What comes back to a pool: loans, and the ends of what it wanted done.
#include "refkit/mutants.hpp"
#include "refkit/pool/pool_state.hpp"

namespace squall::refkit {

/// By what reset_on_return says.
ReturnedAs PoolState::judged(ReturnedAs as, bool without_reset) const
{
    switch (params_.reset_on_return) {
    case ResetOnReturn::none:
        return as == ReturnedAs::dirty ? ReturnedAs::broken : as;
    case ResetOnReturn::rollback:
        break;
    case ResetOnReturn::discard_all:
    case ResetOnReturn::custom:
        return as == ReturnedAs::clean && !without_reset && !SQUALL_MUTANT(reset_left_out) ? ReturnedAs::dirty : as;
    }
    return as;
}

void PoolState::release(ConnectionId connection, ReturnedAs returned_as, Instant now, bool without_reset)
{
    if (!is(connection, State::in_use)) {
        return; // aborted meanwhile
    }
    const auto as = judged(returned_as, without_reset);
    auto& returned = connections_.at(connection);
    returned.last_alive = now;
    if (returned.timed) {
        need_.loan_took(now - returned.lent_at);
    }
    if (returned.reported) {
        actions_.emplace_back(ReportLeak{connection, returned.lent_where, now - returned.lent_at, true});
    }
    if (as == ReturnedAs::clean || (as == ReturnedAs::dirty && SQUALL_MUTANT(dirty_return)) ||
        (as == ReturnedAs::broken && SQUALL_MUTANT(answers_shifted))) {
        make_available(connection, now, now);
    } else if (as == ReturnedAs::dirty && phase_ == Phase::running) {
        move(connection, State::resetting);
        ++totals_.resets;
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
        // On a machine that stood still it seems to have taken longer than it may.
        need_.dial_took(std::min(now - connections_.at(connection).lent_at, params_.connect_timeout));
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
            ++totals_.failed_resets;
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
    armed_ = Instant::max();
    settle(now);
}

} // namespace squall::refkit
