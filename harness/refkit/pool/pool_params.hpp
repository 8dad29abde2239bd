// What a pool is told and what it tells.
#pragma once

#include "base/time.hpp"
#include "refkit/pool/acquire_histogram.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace squall::refkit {

/// Who is served when several want a connection.
enum class Fairness {
    fifo,    // strictly first come, first served
    barging, // whoever asks while one is idle gets it, also before those who wait; the others first come, first served
};

/// What is sent before a connection that came back is lent again. Whatever is chosen, none is lent inside a
/// transaction, or while a statement of its last user still runs.
enum class ResetOnReturn {
    none,        // nothing: what comes back in a transaction, or with a statement under way, is closed
    rollback,    // ROLLBACK where a transaction is open; a statement under way is cancelled first
    discard_all, // always, after that: DISCARD ALL (PostgreSQL), RESET (Redis)
    custom,      // always, after that: PoolParams::custom_reset
};

/// A plain aggregate; check() says whether it makes sense.
struct PoolParams {
    std::size_t min_idle = 0; // the pool keeps at least this many open; at rest all of them are idle
    std::size_t max = 10;     // all states, also closing; at least 1 and at least min_idle
    Duration acquire_timeout = std::chrono::seconds(30);
    Duration idle_timeout = std::chrono::minutes(10);                // longer unused: closed, down to min_idle
    std::optional<Duration> max_lifetime = std::chrono::minutes(30); // older: closed when nobody uses it; each a random
                                                                     // part, up to a quarter, earlier than the others
    std::optional<std::uint64_t> max_usage{};                        // loans, then closed
    std::optional<Duration> keepalive{};                             // idle and silent so long, ±10 %: asked
    std::optional<Duration> leak_detection_threshold{};              // on loan for longer: reported
    Duration validate_after = std::chrono::milliseconds(500);        // longer silent: asked whether it lives before use
    Duration validate_timeout = std::chrono::seconds(1);             // for that question
    ResetOnReturn reset_on_return = ResetOnReturn::rollback;
    std::string custom_reset{};                         // a statement, or commands; with ResetOnReturn::custom alone
    Duration reset_timeout = std::chrono::seconds(2);   // for all that is sent before it is lent again
    std::optional<Duration> statement_timeout{};        // told to the server after each dial; nothing: the server's own
    Duration close_timeout = std::chrono::seconds(2);   // to take leave of the server; it counts towards max
    Duration connect_timeout = std::chrono::seconds(5); // for one dial, whatever the callers' deadlines
    std::optional<std::size_t> connect_limit = 8;       // dials at a time; nothing: as many as are needed
    std::optional<std::size_t> max_waiters{};           // nothing: unbounded
    Fairness fairness = Fairness::fifo;
    Duration backoff_first = std::chrono::milliseconds(10);     // after a failed dial; doubles with each further one,
    Duration backoff_longest = std::chrono::milliseconds(5000); // up to this; each shortened by up to half at random
    bool thread_safe = false; // callers on any thread: see connection_pool.hpp for what that means

    friend bool operator==(const PoolParams&, const PoolParams&) = default;
};

/// All that is wrong with the parameters, in one message; pools throw it as std::invalid_argument.
[[nodiscard]] Result<void> check(const PoolParams& params);

/// One of several pools under one bound.
struct TierParams {
    std::string name; // such as "auth", "read", "write", "analytics"
    PoolParams pool;  // min_idle is always kept for it
};
struct PoolTiersParams {
    std::size_t max = 10; // for all together
    std::vector<TierParams> tiers;
};
/// Each tier's, and that there is one at least, that names differ, and that the minima fit into max.
[[nodiscard]] Result<void> check(const PoolTiersParams& params);

/// The smallest `max` with which `callers` that each take `connections` one after the other, without giving any back in
/// between, cannot block each other for ever (HikariCP wiki, "About Pool Sizing": Tn (Cm − 1) + 1).
[[nodiscard]] constexpr std::size_t least_max_for(std::size_t callers, std::size_t connections)
{
    return connections == 0 ? 1 : callers * (connections - 1) + 1;
}

/// Gauges are of this moment, counts and sums since the pool was made.
struct PoolStats {
    std::size_t max = 0;
    std::size_t total = 0; // the sum of the six below
    std::size_t idle = 0;
    std::size_t acquired = 0;
    std::size_t constructing = 0;
    std::size_t validating = 0;
    std::size_t resetting = 0;
    std::size_t closing = 0;
    std::size_t waiters = 0;

    std::uint64_t acquire_count = 0;          // callers that got a connection
    Duration acquire_duration{};              // sum of the time those waited
    AcquireHistogram acquire_durations;       // the same, each
    std::uint64_t empty_acquire_count = 0;    // those that had to wait
    std::uint64_t canceled_acquire_count = 0; // callers that went away
    std::uint64_t timeouts = 0;               // callers whose deadline passed
    std::uint64_t rejected = 0;               // refused by the pool: not running, draining, cancelled, queue full
    std::uint64_t dials = 0;
    std::uint64_t failed_dials = 0;
    std::uint64_t failed_validations = 0;
    std::uint64_t resets = 0;        // connections cleaned, or tried to, after they came back
    std::uint64_t failed_resets = 0; // of those, closed as it failed
    std::uint64_t idle_closed = 0;   // by the idle timeout
    std::uint64_t worn_closed = 0;   // by their lifetime, their usage or reset()
    std::uint64_t suspected_leaks = 0;
};

} // namespace squall::refkit
