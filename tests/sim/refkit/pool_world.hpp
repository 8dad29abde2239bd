// One simulated life of a pool: callers that come, wait, ask, break off and go, a server with manners of its own, and
// promises that are checked after every step.
#pragma once

#include "sim/refkit/mock_backend.hpp"
#include "sim/refkit/world.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall::sim {

using Pool = refkit::ConnectionPool<MockAdapter, SimTimer>;

class PoolWorld final : public World {
public:
    /// `trace` prints what happens.
    PoolWorld(LifePlan plan, bool trace);
    ~PoolWorld() override;
    PoolWorld(const PoolWorld&) = delete;
    PoolWorld& operator=(const PoolWorld&) = delete;

    /// The first broken promise, with its step and virtual time; nothing when all were kept.
    [[nodiscard]] std::optional<std::string> live() override;

    [[nodiscard]] std::uint64_t steps() const override { return context_.steps(); }
    [[nodiscard]] std::size_t callers() const override { return callers_.size(); }

private:
    enum class Doing { resting, waiting, holding };
    struct Caller {
        Caller(std::size_t its_number, Random its_random) : number(its_number), random(its_random) {}

        std::size_t number;
        Random random;
        int rounds = 0;
        asio::cancellation_type heeds = asio::cancellation_type::terminal;
        bool stubborn = false; // goes on after it was cancelled
        asio::cancellation_signal signal;
        Doing doing = Doing::resting;
        std::uint64_t place = 0; // rises with each acquire of anybody
        Instant deadline;
        bool cancelled = false; // in this round
        bool started = false;   // not cancelled before: Asio would throw out of its event loop
        int ended = 0;          // completions of its coroutine
    };
    class Waiting;
    class Holding;
    enum class Ending { cancel, run_cancelled, destroyed, drained, loop_destroyed };

    // What happens (pool_world.cpp).
    void draw();
    void start();
    void interfere();
    [[nodiscard]] bool evening_over();
    void cancel_caller(std::size_t number);
    void begin_end();
    void destroy_loop();
    [[nodiscard]] bool everybody_left() const;

    // What callers do (pool_callers.cpp).
    static Task<void> run_pool(PoolWorld* world, Task<void> run);
    static Task<void> live_as(PoolWorld* world, Caller* caller);
    static Task<void> use_once(PoolWorld* world, Caller* caller);
    static Task<Pool::Acquired> ask_by_token(PoolWorld* world, Instant deadline);
    static Task<void> work_with(PoolWorld* world, Caller* caller, Pool::Loan loan);
    static Task<void> pause(PoolWorld* world, Duration duration);
    void judge_loan(const Caller& caller, const MockConnection& connection);
    void judge_refusal(const Caller& caller, const refkit::AcquireFailure& failure);

    // What must hold (pool_promises.cpp).
    void check_step();
    void check_rest();
    void check_waiters_at_rest();
    void check_progress(const refkit::PoolStats& stats);
    void check_quiet();
    void check_end();
    void break_promise(std::string what);
    void say(const std::function<std::string()>& what) const;

    LifePlan plan_;
    bool trace_;
    Random random_;
    refkit::PoolParams params_;
    bool cancels_statements_ = false;
    double cancel_rate_ = 0;
    double reset_rate_ = 0;
    Ending ending_ = Ending::cancel;
    std::optional<std::uint64_t> end_at_step_; // otherwise when everybody has left

    SimContext context_;
    MockServer server_;
    std::string complaint_;
    std::unique_ptr<Pool> pool_;
    asio::cancellation_signal run_signal_;
    std::vector<std::unique_ptr<Caller>> callers_;

    std::uint64_t next_place_ = 1;
    std::uint64_t last_served_ = 0;
    std::uint64_t reset_before_place_ = 0; // who asked since the last reset() …
    std::uint64_t reset_session_ = 0;      // … gets none of these, or older ones
    std::size_t holding_ = 0;
    std::optional<Instant> stuck_since_;
    std::uint64_t acquires_seen_ = 0;
    bool ending_begun_ = false;
    bool drained_ = false;               // the drain has said so
    bool aborted_ = false;               // loans may have been closed under their users' hands
    std::optional<Instant> quiet_since_; // everybody has left, and the server has learnt manners
    bool run_started_ = false;
    int run_ended_ = 0;
    std::optional<std::string> broken_;
};

} // namespace squall::sim
