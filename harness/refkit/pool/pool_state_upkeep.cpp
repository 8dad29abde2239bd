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

void PoolState::make_available(ConnectionId id, Instant now, Instant idle_since)
{
    auto& connection = connections_.at(id);
    const bool over = phase_ != Phase::running && !SQUALL_MUTANT(shutdown_race);
    if (over || worn(connection, now)) {
        totals_.worn_closed += over ? 0U : 1U;
        close(id, now);
        return;
    }
    move(connection, State::idle);
    connection.idle_since = idle_since;
    if (params_.keepalive) {
        const auto after = to_seconds(*params_.keepalive) * (0.9 + 0.2 * random_.uniform());
        connection.ask_at = connection.last_alive + from_seconds(after);
    }
    look_again_at(std::min(connection.dies_at, connection.ask_at));
    const auto later = [this](Instant since, ConnectionId other) { return since < connections_.at(other).idle_since; };
    // Nearly always the last.
    idle_.push_back(id);
    for (auto place = std::prev(idle_.end()); place != idle_.begin() && later(idle_since, *std::prev(place)); --place) {
        std::iter_swap(place, std::prev(place));
    }
}

bool PoolState::worn(const Connection& connection, Instant now) const
{
    if (SQUALL_MUTANT(retired_is_lent)) {
        return now >= connection.dies_at;
    }
    return connection.generation != generation_ || now >= connection.dies_at ||
           (params_.max_usage && connection.loans >= *params_.max_usage);
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

} // namespace squall::refkit
