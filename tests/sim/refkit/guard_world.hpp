// A simulated life of something that callers ask before they act: a limiter, a cache, a breaker. Callers come, wait,
// act, break off and go; they are cancelled anywhere; what they use is destroyed, or the event loop ends.
#pragma once

#include "sim/refkit/world.hpp"
#include "sim/sim_context.hpp"
#include "sim/sim_timer.hpp"
#include "wire/task.hpp"

#include <functional>
#include <string>
#include <vector>

namespace squall::sim {

/// The simulation's clock, put forward or back.
class JumpingClock final : public Clock {
public:
    explicit JumpingClock(std::shared_ptr<const Clock> of) : of_(std::move(of)) {}
    [[nodiscard]] Instant now() const override { return of_->now() + ahead; }
    Duration ahead{0};

private:
    std::shared_ptr<const Clock> of_;
};

class GuardWorld : public World {
public:
    GuardWorld(const LifePlan& plan, bool trace);

    [[nodiscard]] std::optional<std::string> live() final;
    [[nodiscard]] std::uint64_t steps() const final { return context_.steps(); }
    [[nodiscard]] std::size_t callers() const final { return callers_.size(); }

protected:
    struct Caller {
        Caller(std::size_t its_number, Random its_random) : number(its_number), random(its_random) {}

        std::size_t number;
        Random random;
        int rounds = 0;
        asio::cancellation_type heeds = asio::cancellation_type::terminal;
        bool stubborn = false; // goes on after it was cancelled
        asio::cancellation_signal signal;
        bool waiting = false;
        std::uint64_t place = 0; // rises with each wait of anybody
        Instant deadline;
        bool cancelled = false; // in this round
        bool started = false;   // not cancelled before: Asio would throw out of its event loop
        int ended = 0;          // completions of its coroutine
    };

    /// In the queue, or about to leave it.
    class Waiting {
    public:
        Waiting(GuardWorld& world, Caller& caller, Duration patience) : caller_(caller)
        {
            caller.waiting = true;
            caller.place = world.next_place_++;
            caller.deadline = world.now() + patience;
        }
        ~Waiting() { end(); }
        Waiting(const Waiting&) = delete;
        Waiting& operator=(const Waiting&) = delete;
        void end() { caller_.waiting = false; }

    private:
        Caller& caller_;
    };

    /// One round of a caller; the world outlives it.
    virtual Task<void> use_once(Caller* caller) = 0;
    /// What callers use goes; it is there no longer.
    virtual void destroy_guard() = 0;
    /// Between two steps of a random life.
    virtual void meddle() {}
    virtual void check_step() {}
    /// Nothing is ready to run.
    virtual void check_rest() {}
    /// Everybody has gone, or the event loop has; what they used may still be there.
    virtual void check_end() {}

    Task<void> pause(Duration duration);
    [[nodiscard]] Duration some_patience(Random& random) const;
    /// Waiting callers in their order, and none past its deadline; how many there are.
    std::size_t check_waiters_at_rest();
    /// `caller` left the queue with what it came for.
    void served(const Caller& caller);
    void break_promise(std::string what);
    void say(const std::function<std::string()>& what) const;
    [[nodiscard]] Instant now() const { return context_.now(); }
    /// No handler was ever late.
    [[nodiscard]] bool unhurried() const { return context_.last_hurry() == Instant{}; }
    [[nodiscard]] bool guard_gone() const { return guard_gone_; }
    [[nodiscard]] bool loop_destroyed() const { return loop_destroyed_; }
    [[nodiscard]] bool kept() const { return !broken_; }
    /// Of `yes`, in a share of the lives.
    [[nodiscard]] double chance(double share, double yes) { return random_.uniform() < share ? yes : 0.0; }

    const LifePlan plan_;
    Random random_;
    SimContext context_;
    std::vector<std::unique_ptr<Caller>> callers_;

private:
    void draw_callers();
    void start();
    void interfere();
    void cancel_caller(std::size_t number);
    void end_guard();
    Task<void> live_as(Caller* caller);

    bool trace_;
    std::vector<Injection> injections_;
    double cancel_rate_ = 0;
    std::optional<std::uint64_t> end_at_step_;
    bool end_is_of_loop_ = false;
    bool guard_gone_ = false;
    bool loop_destroyed_ = false;
    std::uint64_t next_place_ = 1;
    std::uint64_t last_served_ = 0;
    std::optional<std::string> broken_;
};

} // namespace squall::sim
