// A seeded executor and a virtual clock: one seed, one order of events, however often it is run.
//
// Handlers that are ready run in an order that the random generator picks; when none is, the clock jumps to the next
// timer. Nothing here waits, sleeps or asks the system for the time. One thread.
#pragma once

#include "base/random.hpp"
#include "base/time.hpp"

#include <boost/asio.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace squall::sim {

namespace asio = boost::asio;

/// Something to be run once, or destroyed instead.
class Work {
public:
    virtual ~Work() = default;
    virtual void run() = 0;
    /// Before run(), for a wait: it ended early.
    virtual void abort() {}
};

template <typename Function>
std::unique_ptr<Work> make_work(Function function)
{
    struct Holder final : Work {
        explicit Holder(Function f) : held(std::move(f)) {}
        void run() override { std::move(held)(); }
        Function held;
    };
    return std::make_unique<Holder>(std::move(function));
}

class SimContext : public asio::execution_context {
public:
    using TimerId = std::uint64_t;

    /// `hurry` in [0, 1]: how often the clock jumps while handlers are ready, as on a machine that is too busy.
    SimContext(Random random, double hurry);
    ~SimContext();
    SimContext(const SimContext&) = delete;
    SimContext& operator=(const SimContext&) = delete;

    class Executor;
    [[nodiscard]] Executor executor();
    [[nodiscard]] Instant now() const { return now_; }
    /// A clock for those who hold one; dies with the context.
    [[nodiscard]] std::shared_ptr<const Clock> clock() const { return clock_; }
    /// Handlers run so far.
    [[nodiscard]] std::uint64_t steps() const { return steps_; }
    /// No handler is ready: all that can happen before the clock moves has happened.
    [[nodiscard]] bool at_rest() const { return ready_.empty(); }

    /// When the clock last jumped over handlers that were ready.
    [[nodiscard]] Instant last_hurry() const { return last_hurry_; }
    /// From now on the clock waits for all that is ready.
    void calm_down() { hurry_ = 0; }

    /// Runs one ready handler, or moves the clock to the next timer; false when there is neither.
    bool step();
    /// Destroys, in random order, what is ready or waits, without running it: an event loop that ends early.
    void destroy_everything();

    void post(std::unique_ptr<Work> work);
    /// Whether a handler runs: then dispatched work runs inside it, as on every executor of Asio's own.
    [[nodiscard]] bool inside() const { return depth_ > 0; }
    /// Runs `function` as a handler.
    template <typename Function>
    void enter(Function function)
    {
        ++depth_;
        function();
        --depth_;
    }

    /// `work` becomes ready at `at`; Instant::max() is never.
    TimerId wait_until(Instant at, std::unique_ptr<Work> work);
    /// Takes the wait back; null when it is over already.
    std::unique_ptr<Work> forget_wait(TimerId timer);
    /// Instant::max() when nothing waits.
    [[nodiscard]] Instant next_timer() const;

private:
    struct Wait {
        Instant at;
        std::unique_ptr<Work> work;
    };

    [[nodiscard]] std::unique_ptr<Work> pick();
    [[nodiscard]] bool hurries();
    void jump();

    Random random_;
    double hurry_;
    Instant now_{};
    Instant last_hurry_{};
    std::shared_ptr<const Clock> clock_;
    std::vector<std::unique_ptr<Work>> ready_;
    std::map<TimerId, Wait> waits_;
    TimerId next_timer_id_ = 1;
    std::uint64_t steps_ = 0;
    unsigned depth_ = 0; // handlers that run inside each other
};

/// What Asio asks of an executor.
class SimContext::Executor {
public:
    explicit Executor(SimContext& context, bool may_run_inline = true)
        : context_(&context),
          may_run_inline_(may_run_inline)
    {}

    [[nodiscard]] SimContext& query(asio::execution::context_t) const noexcept { return *context_; }
    [[nodiscard]] asio::execution::blocking_t query(asio::execution::blocking_t) const noexcept
    {
        return may_run_inline_ ? asio::execution::blocking_t(asio::execution::blocking.possibly)
                               : asio::execution::blocking_t(asio::execution::blocking.never);
    }
    [[nodiscard]] Executor require(asio::execution::blocking_t::possibly_t) const { return Executor(*context_, true); }
    [[nodiscard]] Executor require(asio::execution::blocking_t::never_t) const { return Executor(*context_, false); }

    template <typename Function>
    void execute(Function&& function) const
    {
        if (may_run_inline_ && context_->inside()) {
            std::forward<Function>(function)();
        } else {
            context_->post(make_work(std::forward<Function>(function)));
        }
    }

    friend bool operator==(const Executor&, const Executor&) noexcept = default;

private:
    SimContext* context_;
    bool may_run_inline_;
};

inline SimContext::Executor SimContext::executor()
{
    return Executor(*this);
}

} // namespace squall::sim
