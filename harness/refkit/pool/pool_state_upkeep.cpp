// What happens to connections with time: they grow old, wear out, fall silent, are unused for long, or never come back.
#include "refkit/mutants.hpp"
#include "refkit/pool/pool_state.hpp"
#include "refkit/rejection.hpp"

#include <algorithm>
#include <iterator>

namespace squall::refkit {

void PoolState::reset(Instant now)
{
    ++generation_;
    look_again_at(now);
    settle(now);
}

/// Its life begins; those dialed in one herd must not end in one (HikariCP#2203).
void PoolState::come_alive(ConnectionId id, Instant now)
{
    auto& connection = connections_.at(id);
    connection.last_alive = now;
    if (params_.max_lifetime && !SQUALL_MUTANT(lifetime_ignored)) {
        connection.dies_at = now + from_seconds(to_seconds(*params_.max_lifetime) * (1.0 - 0.25 * random_.uniform()));
    }
}

void PoolState::retire(ConnectionId connection, Instant now)
{
    totals_.worn_closed += phase_ == Phase::running ? 1U : 0U;
    close(connection, now);
}

Instant PoolState::next_question(const Connection& connection)
{
    return connection.last_alive + from_seconds(to_seconds(*params_.keepalive) * (0.9 + 0.2 * random_.uniform()));
}

/// The last is not the youngest: it was only asked whether it lives.
void PoolState::sort_last_idle()
{
    const auto since = [this](ConnectionId id) { return connections_.at(id).idle_since; };
    const auto last = std::prev(idle_.end());
    const auto place = std::upper_bound(idle_.begin(), last, since(*last),
                                        [&](Instant own, ConnectionId other) { return own < since(other); });
    std::rotate(place, last, idle_.end());
}

void PoolState::validate(ConnectionId connection, Instant now)
{
    move(connection, State::validating);
    // A deadline of the pool's own: a hasty caller must not cost a good connection.
    const auto deadline = SQUALL_MUTANT(silent_peer_keeps_slot) ? Instant::max() : now + params_.validate_timeout;
    actions_.emplace_back(Validate{connection, deadline});
}

bool PoolState::reapable() const
{
    return !SQUALL_MUTANT(never_reaped) && !idle_.empty() && open() > params_.min_idle;
}

/// When the longest idle one will have been so for too long.
Instant PoolState::next_reaping() const
{
    return reapable() ? saturating_add(connections_.at(idle_.front()).idle_since, params_.idle_timeout)
                      : Instant::max();
}

/// The same, for as long as connections are only lent and given back.
Instant PoolState::no_reaping_before(Instant now) const
{
    if (SQUALL_MUTANT(never_reaped) || open() <= params_.min_idle) {
        return Instant::max();
    }
    return saturating_add(idle_.empty() ? now : connections_.at(idle_.front()).idle_since, params_.idle_timeout);
}

void PoolState::close_idle(Instant now)
{
    while (now >= next_reaping()) {
        ++totals_.idle_closed;
        close(idle_.front(), now);
        idle_.erase(idle_.begin());
    }
}

/// Looks at every connection, but only when something is due: most events cost one comparison.
void PoolState::look_after(Instant now)
{
    if (now < next_look_) {
        return;
    }
    if (waiters_.empty()) {
        close_idle(now); // rather than ask whether they live
    }
    next_look_ = Instant::max();
    connections_.each([this, now](ConnectionId id, Connection& connection) {
        if (connection.state == State::idle) {
            look_after_idle(id, now);
        } else if (connection.state == State::in_use && params_.leak_detection_threshold && !connection.reported) {
            look_for_leak(id, connection, now);
        }
    });
}

void PoolState::look_after_idle(ConnectionId id, Instant now)
{
    const auto& connection = connections_.at(id);
    if (worn(connection, now)) {
        std::erase(idle_, id);
        ++totals_.worn_closed;
        close(id, now);
    } else if (now >= connection.ask_at) {
        std::erase(idle_, id);
        validate(id, now);
    } else {
        look_again_at(std::min(connection.dies_at, connection.ask_at));
    }
}

void PoolState::look_for_leak(ConnectionId id, Connection& connection, Instant now)
{
    const auto due = connection.lent_at + *params_.leak_detection_threshold;
    if (now < due) {
        look_again_at(due);
        return;
    }
    connection.reported = true;
    ++totals_.suspected_leaks;
    actions_.emplace_back(ReportLeak{id, connection.lent_where, now - connection.lent_at, false});
}

void PoolState::report_return(const Connection& connection, ConnectionId id, Instant now)
{
    actions_.emplace_back(ReportLeak{id, connection.lent_where, now - connection.lent_at, true});
}

} // namespace squall::refkit
