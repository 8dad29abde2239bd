// What nearly all loans pass through, in the code of whoever asks: an idle connection is lent, and comes back into a
// quiet pool (quiet_until_). Included by pool_state.hpp.
#pragma once

#include "base/assert.hpp"
#include "refkit/mutants.hpp"
#include "refkit/pool/pool_state.hpp"

#include <algorithm>
#include <iterator>

namespace squall::refkit {

/// An idle connection that may be lent unasked, out of the idle ones, when nobody waits for it with better right.
inline PoolState::Found PoolState::pop_fresh(Instant now)
{
    if ((now >= quiet_until_ && !serves_newcomers(now)) || idle_.empty()) {
        return {};
    }
    const Found found{idle_.back(), connections_.find(idle_.back())};
    if (!fresh(*found.connection, now)) {
        return {};
    }
    idle_.pop_back();
    return found;
}

inline ConnectionId PoolState::take(Instant now, std::source_location where)
{
    const auto [id, connection] = pop_fresh(now);
    if (connection == nullptr) {
        return {};
    }
    lend(*connection, now, where, times_next_loan());
    ++loans_taken_;
    ++totals_.acquire_count;
    totals_.acquire_durations.record(Duration::zero());
    if (now >= quiet_until_) {
        arm(now); // somebody waits, or the loan will be looked at before all else
    }
    return id;
}

inline void PoolState::lend(Connection& connection, Instant now, std::source_location where, bool timed)
{
    move(connection, State::in_use);
    ++connection.loans;
    connection.lent_at = now;
    connection.lent_where = where;
    connection.reported = false;
    connection.timed = timed;
    unserved_since_.reset();
    if (params_.leak_detection_threshold) {
        look_again_at(now + *params_.leak_detection_threshold);
    }
}

inline void PoolState::release(ConnectionId connection, ReturnedAs returned_as, Instant now, bool without_reset)
{
    auto* returned = connections_.find(connection);
    if (returned == nullptr || returned->state != State::in_use) {
        return; // aborted meanwhile
    }
    const auto as = judged(returned_as, without_reset);
    returned->last_alive = now;
    if (returned->timed) {
        need_.loan_took(now - returned->lent_at);
    }
    if (returned->reported) {
        report_return(*returned, connection, now);
    }
    if (as == ReturnedAs::clean) {
        make_available(*returned, connection, now, now);
    } else {
        clean_up(*returned, connection, as, now);
    }
    if (now >= quiet_until_) {
        settle(now);
    }
}

/// By what reset_on_return says.
inline ReturnedAs PoolState::judged(ReturnedAs as, bool without_reset) const
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

inline bool PoolState::worn(const Connection& connection, Instant now) const
{
    if (SQUALL_MUTANT(retired_is_lent)) {
        return now >= connection.dies_at;
    }
    return connection.generation != generation_ || now >= connection.dies_at ||
           (params_.max_usage && connection.loans >= *params_.max_usage);
}

inline void PoolState::make_available(Connection& connection, ConnectionId id, Instant now, Instant idle_since)
{
    if ((phase_ != Phase::running && !SQUALL_MUTANT(shutdown_race)) || worn(connection, now)) {
        retire(id, now);
        return;
    }
    move(connection, State::idle);
    connection.idle_since = idle_since;
    if (params_.keepalive) {
        connection.ask_at = next_question(connection);
    }
    look_again_at(std::min(connection.dies_at, connection.ask_at));
    SQUALL_ASSERT(idle_.size() != idle_.capacity()); // open_one() has seen to it
    idle_.push_back(id);
    if (idle_.size() > 1 && idle_since < connections_.at(*std::prev(idle_.end(), 2)).idle_since) {
        sort_last_idle();
    }
}

} // namespace squall::refkit
