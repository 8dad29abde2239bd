// What a connection pool decides, without doing any of it: events and instants in, actions out. The Asio shell
// (connection_pool.hpp) performs the actions; tests drive it with a clock of their own.
//
// connecting → idle → in use → {resetting | validating} → idle | closing. Every state, also closing, counts towards
// max. Callers are served first come, first served; idle connections are used last in, first out, so that those not
// needed grow old and are closed.
#pragma once

#include "base/random.hpp"
#include "base/time.hpp"
#include "refkit/error.hpp"
#include "refkit/pool/pool_budget.hpp"
#include "refkit/pool/pool_params.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <source_location>
#include <variant>
#include <vector>

namespace squall::refkit {

enum class ConnectionId : std::uint64_t {};
enum class WaiterId : std::uint64_t {};

/// How a connection comes back from its user.
enum class ReturnedAs {
    clean,  // no transaction is open: usable at once
    dirty,  // a transaction is open, or failed: usable after a reset
    broken, // a query still runs, or the connection is gone: closed
};

/// The shell answers with dialed() or dial_failed().
struct Dial {
    ConnectionId connection;
    Instant deadline;
};
/// The shell answers with validated().
struct Validate {
    ConnectionId connection;
    Instant deadline;
};
/// The shell answers with reset_done().
struct Reset {
    ConnectionId connection;
    Instant deadline;
};
/// The shell answers with closed(). Without a deadline at once, also while something is under way on it or a user still
/// has it; such a Close may follow one with a deadline.
struct Close {
    ConnectionId connection;
    std::optional<Instant> deadline; // until then the shell may take leave of the server
};
/// A connection, or why there is none. After a connection the shell answers with collect() or cancel().
struct Complete {
    WaiterId waiter;
    std::variant<ConnectionId, Errc> outcome;
};
/// tick() is wanted at this instant; replaces an earlier wish.
struct ArmTimer {
    Instant at;
};

/// Somebody has a connection for suspiciously long, or brings one back that was reported.
struct ReportLeak {
    ConnectionId connection;
    std::source_location where; // of the acquire
    Duration held;
    bool returned;
};

/// The other pools of the budget should look() again.
struct BudgetChanged {};

using Action = std::variant<Dial, Validate, Reset, Close, Complete, ArmTimer, ReportLeak, BudgetChanged>;

/// One thread. `now` never goes backwards. Every event may leave actions behind; take and perform them in order.
class PoolState {
public:
    /// Throws std::invalid_argument when check(params) finds something broken. `random` spreads backoff, lifetimes and
    /// keepalives.
    PoolState(PoolParams params, Random random);

    /// From now on also the budget decides what may be dialed; before start(). The tier's minimum is min_idle.
    void share(std::shared_ptr<PoolBudget> budget);
    void start(Instant now);
    /// No new callers; waiting ones fail with pool_draining, idle connections close, used ones when they come back.
    void drain(Instant now);
    /// As drain, with pool_cancelled, and also what is being dialed, validated or reset closes at once.
    void stop(Instant now);
    /// After drain or stop: what is still in use closes under its user's hands.
    void abort(Instant now);

    /// A caller that will wait at most until `deadline`. Its one Complete may be among the actions already.
    WaiterId acquire(Instant now, Instant deadline, std::source_location where = std::source_location::current());
    /// At once, or not at all; what is idle too long to be trusted is not given out.
    [[nodiscard]] std::variant<ConnectionId, Errc>
    try_acquire(Instant now, std::source_location where = std::source_location::current());
    /// The caller took what its Complete gave it. Afterwards the waiter is unknown.
    void collect(WaiterId waiter, Instant now);
    /// The caller went away. Not yet served: it fails with acquire_cancelled. Served but not collected: its connection
    /// goes to the next. Unknown (served and collected, or failed): nothing happens.
    void cancel(WaiterId waiter, Instant now);

    /// Every connection that is open, or being dialed, is closed as soon as nobody uses it, and never lent again.
    void reset(Instant now);

    void release(ConnectionId connection, ReturnedAs as, Instant now);
    /// The user keeps the connection for itself; the pool forgets it.
    void detach(ConnectionId connection, Instant now);

    void dialed(ConnectionId connection, Instant now);
    void dial_failed(ConnectionId connection, Instant now);
    void validated(ConnectionId connection, bool alive, Instant now);
    void reset_done(ConnectionId connection, bool clean, Instant now);
    void closed(ConnectionId connection, Instant now);
    void tick(Instant now);
    /// Something outside has changed, such as the budget.
    void look(Instant now) { settle(now); }

    [[nodiscard]] std::vector<Action> take_actions();
    [[nodiscard]] PoolStats stats() const;
    [[nodiscard]] const PoolParams& params() const { return params_; }
    /// Draining or stopped, and nothing is open any more.
    [[nodiscard]] bool finished() const;

private:
    enum class Phase { made, running, draining, stopped };
    enum class State { connecting, idle, in_use, validating, resetting, closing };
    struct Connection {
        State state = State::connecting;
        Instant idle_since;
        Instant last_alive; // when the server last answered
        Instant dies_at = Instant::max();
        Instant ask_at = Instant::max(); // the keepalive, while it is idle
        std::uint64_t generation = 0;
        std::uint64_t loans = 0;
        Instant lent_at; // the last loan
        std::source_location lent_where;
        bool reported = false;
    };
    struct Waiter {
        Instant since;
        Instant deadline;
        bool waited = false;
        std::source_location where;
    };
    struct Assigned {
        ConnectionId connection;
        Waiter waiter;
    };

    [[nodiscard]] std::size_t count(State state) const { return counts_[static_cast<std::size_t>(state)]; }
    [[nodiscard]] bool is(ConnectionId connection, State state) const;
    void move(ConnectionId id, State to);
    void forget(ConnectionId connection);
    void close(ConnectionId connection, Instant now);
    void close_all_at_once(State state);
    void lend(ConnectionId connection, Instant now, std::source_location where);
    void come_alive(ConnectionId connection, Instant now);
    void make_available(ConnectionId connection, Instant now, Instant idle_since);
    [[nodiscard]] bool worn(const Connection& connection, Instant now) const;
    void validate(ConnectionId connection, Instant now);
    void end(Phase phase, Errc error, Instant now);
    void reject(WaiterId waiter, Errc error);
    [[nodiscard]] std::optional<Errc> refusal() const;

    void settle(Instant now);
    void serve_waiters(Instant now);
    void assign(ConnectionId connection, Instant now);
    void expire_waiters(Instant now);
    void fail_waiters(Errc error);
    void close_idle(Instant now);
    void look_after(Instant now);
    void look_after_idle(ConnectionId id, Instant now);
    void look_for_leak(ConnectionId id, Connection& connection, Instant now);
    void look_again_at(Instant at) { next_look_ = std::min(next_look_, at); }
    void dial(Instant now);
    void open(Instant now);
    [[nodiscard]] bool backing_off(Instant now) const { return failures_ > 0 && now < next_dial_; }
    void part_with_idle(Instant now);
    void want_of_budget(std::size_t more);
    [[nodiscard]] std::size_t counted() const;
    [[nodiscard]] std::size_t dials_wanted() const;
    void arm(Instant now);
    [[nodiscard]] bool reapable() const;
    [[nodiscard]] Duration backoff();

    PoolParams params_;
    Random random_;
    Phase phase_ = Phase::made;
    std::map<ConnectionId, Connection> connections_;
    std::array<std::size_t, 6> counts_{};
    std::deque<ConnectionId> idle_;      // the longest idle in front
    std::map<WaiterId, Waiter> waiting_; // ids rise, so the front came first
    std::set<std::pair<Instant, WaiterId>> deadlines_;
    std::map<WaiterId, Assigned> assigned_;
    std::uint64_t next_id_ = 1;
    unsigned failures_ = 0;              // dials failed since the last good one
    Instant next_dial_{};                // not before, while failures_ > 0
    std::shared_ptr<PoolBudget> budget_; // null: all for itself
    PoolBudget::Tier tier_ = 0;
    std::uint64_t generation_ = 0;
    Instant next_look_ = Instant::max(); // nothing is due for look_after() before
    std::optional<Instant> armed_;
    std::vector<Action> actions_;
    PoolStats totals_; // only the counts and sums
};

} // namespace squall::refkit
