// The ends of what a pool wanted done: dials, questions, resets, farewells.
#include "refkit/mutants.hpp"
#include "refkit/pool/pool_state.hpp"

namespace squall::refkit {

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
