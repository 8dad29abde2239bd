// What a connection pool decides, without doing any of it: events and instants in, actions out. The Asio shell
// (connection_pool.hpp) performs the actions; tests drive it with a clock of their own.
//
// connecting → idle → in use → {resetting | validating} → idle | closing. Every state, also closing, counts towards
// max. Callers are served first come, first served (unless Fairness::barging lets those in who come while something is
// idle); idle connections are used last in, first out, so that those not needed grow old and are closed. Once a pool
// has its size, acquiring and releasing allocate nothing.
#pragma once

#include "base/random.hpp"
#include "base/time.hpp"
#include "refkit/pool/pool_actions.hpp"
#include "refkit/pool/pool_budget.hpp"
#include "refkit/pool/pool_dial_need.hpp"
#include "refkit/pool/pool_params.hpp"
#include "refkit/pool/waiter_queue.hpp"
#include "refkit/slot_table.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <source_location>
#include <variant>
#include <vector>

namespace squall::refkit {

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
    /// As acquire() where that would be served at once, and no waiter is needed; nobody's id otherwise. What is idle
    /// too long to be trusted is not given out.
    [[nodiscard]] ConnectionId take(Instant now, std::source_location where = std::source_location::current());
    /// A caller for whom take() had nothing does not want to wait: why it is turned away.
    [[nodiscard]] Errc turn_away();
    /// There is nothing for take() otherwise.
    [[nodiscard]] bool has_idle() const { return !idle_.empty(); }
    /// False when `now` may be some milliseconds late in the next take(): it starts a loan whose length nobody needs.
    [[nodiscard]] bool times_next_loan() const { return loans_taken_ % one_timed_in == 0; }
    /// The same of its release(): nobody waits for it either.
    [[nodiscard]] bool times(ConnectionId connection) const
    {
        const auto* found = connections_.find(connection);
        return !waiters_.empty() || found == nullptr || found->timed;
    }
    /// An Offer's turn is over.
    void offer_due(Instant now);
    /// The caller took what its Complete gave it. Afterwards the waiter is unknown.
    void collect(WaiterId waiter, Instant now);
    /// The caller went away. Not yet served: it fails with acquire_cancelled. Served but not collected: its connection
    /// goes to the next. Unknown (served and collected, or failed): nothing happens.
    void cancel(WaiterId waiter, Instant now);

    /// Every connection that is open, or being dialed, is closed as soon as nobody uses it, and never lent again.
    void reset(Instant now);

    /// `without_reset`: what reset_on_return asks for each return is left out this time.
    void release(ConnectionId connection, ReturnedAs as, Instant now, bool without_reset = false);
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

    [[nodiscard]] bool has_actions() const { return !actions_.empty(); }
    [[nodiscard]] std::vector<Action> take_actions();
    /// The same, into an empty vector that is used again and again; those of the call before must have been performed.
    void take_actions(std::vector<Action>& into)
    {
        into.swap(actions_);
        waiters_.recycle();
    }
    [[nodiscard]] PoolStats stats() const;
    [[nodiscard]] const PoolParams& params() const { return params_; }
    /// Draining or stopped.
    [[nodiscard]] bool ending() const { return phase_ == Phase::draining || phase_ == Phase::stopped; }
    /// And nothing is open any more.
    [[nodiscard]] bool finished() const { return ending() && connections_.empty(); }

private:
    enum class Phase { made, running, draining, stopped };
    enum class State { connecting, idle, in_use, validating, resetting, closing };
    struct Connection {
        State state = State::connecting;
        Instant idle_since{};
        Instant last_alive{}; // when the server last answered
        Instant dies_at = Instant::max();
        Instant ask_at = Instant::max(); // the keepalive, while it is idle
        std::uint64_t generation = 0;
        std::uint64_t loans = 0;
        Instant lent_at{}; // the last loan; before the first, when it was dialed
        std::source_location lent_where{};
        bool reported = false;
        bool timed = false; // the last loan began at an exact instant
    };
    /// Of the loans that did not wait; what they teach is needed where callers wait, and then each is timed.
    static constexpr std::uint64_t one_timed_in = 64;

    [[nodiscard]] std::size_t count(State state) const { return counts_[static_cast<std::size_t>(state)]; }
    [[nodiscard]] bool is(ConnectionId connection, State state) const
    {
        const auto* found = connections_.find(connection);
        return found != nullptr && found->state == state;
    }
    void move(ConnectionId id, State to) { move(connections_.at(id), to); }
    void move(Connection& connection, State to)
    {
        --counts_[static_cast<std::size_t>(connection.state)];
        ++counts_[static_cast<std::size_t>(to)];
        connection.state = to;
    }
    void forget(ConnectionId connection);
    void close(ConnectionId connection, Instant now);
    void close_all_at_once(State state);
    void lend(Connection& connection, Instant now, std::source_location where, bool timed = true);
    void come_alive(ConnectionId connection, Instant now);
    void make_available(ConnectionId id, Instant now, Instant idle_since)
    {
        make_available(connections_.at(id), id, now, idle_since);
    }
    void make_available(Connection& connection, ConnectionId id, Instant now, Instant idle_since);
    void clean_up(Connection& connection, ConnectionId id, ReturnedAs as, Instant now);
    void retire(ConnectionId connection, Instant now);
    [[nodiscard]] Instant next_question(const Connection& connection);
    void sort_last_idle();
    [[nodiscard]] bool worn(const Connection& connection, Instant now) const;
    void validate(ConnectionId connection, Instant now);
    void end(Phase phase, Errc error, Instant now);
    WaiterId reject(Errc error);
    struct Found {
        ConnectionId id{};
        Connection* connection = nullptr;
    };
    [[nodiscard]] Found pop_fresh(Instant now);
    [[nodiscard]] bool barging() const;
    [[nodiscard]] ReturnedAs judged(ReturnedAs as, bool without_reset) const;
    [[nodiscard]] bool fresh(const Connection& connection, Instant now) const
    {
        return now - connection.last_alive <= params_.validate_after;
    }
    [[nodiscard]] bool serves_newcomers(Instant now);
    [[nodiscard]] std::optional<Errc> refusal() const;

    void settle(Instant now);
    void go_through_all(Instant now);
    /// The loan that ends now makes something due.
    void stir() { quiet_until_ = Instant::min(); }
    /// Those that are not on their way out.
    [[nodiscard]] std::size_t open() const { return connections_.size() - count(State::closing); }
    void serve_waiters(Instant now);
    [[nodiscard]] bool offer();
    void assign(ConnectionId connection, Instant now);
    void expire_waiters(Instant now);
    void fail_waiters(Errc error);
    void close_idle(Instant now);
    void look_after(Instant now);
    void look_after_idle(ConnectionId id, Instant now);
    void look_for_leak(ConnectionId id, Connection& connection, Instant now);
    void report_return(const Connection& connection, ConnectionId id, Instant now);
    void look_again_at(Instant at)
    {
        if (at < next_look_) {
            next_look_ = at;
            stir();
        }
    }
    void dial(Instant now);
    void open_one(Instant now);
    [[nodiscard]] bool backing_off(Instant now) const { return failures_ > 0 && now < next_dial_; }
    void part_with_idle(Instant now);
    void want_of_budget(std::size_t more);
    [[nodiscard]] std::size_t counted() const;
    [[nodiscard]] std::size_t not_served() const;
    [[nodiscard]] Instant stalled_since(Instant now) const { return unserved_since_.value_or(now); }
    [[nodiscard]] std::size_t dials_wanted(Instant now) const;
    void arm(Instant now);
    [[nodiscard]] Instant patience_ends(Instant now) const;
    [[nodiscard]] bool reapable() const;
    [[nodiscard]] Instant next_reaping() const;
    [[nodiscard]] Instant no_reaping_before(Instant now) const;
    [[nodiscard]] Duration backoff();

    PoolParams params_;
    Random random_;
    Phase phase_ = Phase::made;
    SlotTable<ConnectionId, Connection> connections_;
    std::array<std::size_t, 6> counts_{};
    std::vector<ConnectionId> idle_; // the longest idle in front
    WaiterQueue waiters_;
    std::size_t offers_ = 0; // under way
    DialNeed need_;
    std::optional<Instant> unserved_since_; // somebody wanted a connection, and nobody has got one
    unsigned failures_ = 0;                 // dials failed since the last good one
    Instant next_dial_{};                   // not before, while failures_ > 0
    std::shared_ptr<PoolBudget> budget_;    // null: all for itself
    PoolBudget::Tier tier_ = 0;
    std::uint64_t generation_ = 0;
    std::uint64_t loans_taken_ = 0;
    Instant next_look_ = Instant::max(); // nothing is due for look_after() before
    Instant armed_ = Instant::max();
    Instant quiet_until_ = Instant::min(); // nobody waits, and no loan that ends before makes anything due
    std::vector<Action> actions_;
    PoolStats totals_; // only the counts and sums
};

} // namespace squall::refkit

#include "refkit/pool/pool_state_quick.hpp"
