// A life of a CircuitBreaker: a service that is well or ill, calls that end late, are cancelled or destroyed, and a
// clock that may jump.
#include "refkit/breaker/circuit_breaker.hpp"
#include "sim/refkit/guard_world.hpp"
#include "sim/refkit/worlds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace squall::sim {
namespace {

using namespace std::chrono_literals;
using refkit::BreakerPermit;
using refkit::BreakerPhase;
using refkit::Transition;
using refkit::Verdict;

class BreakerWorld final : public GuardWorld {
public:
    BreakerWorld(const LifePlan& plan, bool trace);

private:
    /// What a phase has let through.
    struct Calls {
        std::uint32_t out = 0;
        std::uint32_t results = 0;
        std::uint32_t failures = 0;
        std::uint32_t failures_in_a_row = 0;
    };
    class Call;

    Task<void> use_once(Caller* caller) override;
    void meddle() override;
    void destroy_guard() override {} // permits must not outlive it: it goes with the world
    void hear(const Transition& moved);
    void judge_admission(bool admitted, std::optional<Duration> retry_after);
    void judge_result(const Transition& moved);
    void check_end() override;
    [[nodiscard]] Calls& calls() { return calls_[generation_]; }

    refkit::BreakerParams params_;
    double ill_ = 0;
    double jump_rate_ = 0;
    std::shared_ptr<JumpingClock> clock_;
    std::optional<refkit::CircuitBreaker> breaker_;
    BreakerPhase phase_ = BreakerPhase::closed; // as it was heard
    std::uint64_t generation_ = 1;
    std::map<std::uint64_t, Calls> calls_; // by generation
    const Call* settling_ = nullptr;
    Verdict verdict_ = Verdict::ignored;   // of settling_
    Instant moved_at_{};                   // by the simulation's clock
    std::optional<Instant> refused_since_; // open, and no jump of the clock since
    bool jumped_ = false;
    std::uint64_t settled_ = 0;
    std::uint64_t refused_ = 0;
};

/// A call that was let through; one that is cancelled or destroyed is settled as ignored.
class BreakerWorld::Call {
public:
    Call(BreakerWorld& world, BreakerPermit permit, std::uint64_t its_generation)
        : generation(its_generation),
          world_(world),
          permit_(std::move(permit))
    {
        ++world.calls_[generation].out;
    }
    ~Call()
    {
        if (open_) {
            settle(Verdict::ignored);
        }
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    void settle(Verdict verdict)
    {
        open_ = false;
        auto& calls = world_.calls_[generation];
        --calls.out;
        calls.results += verdict != Verdict::ignored ? 1U : 0U;
        calls.failures += verdict == Verdict::failure ? 1U : 0U;
        calls.failures_in_a_row = verdict == Verdict::failure   ? calls.failures_in_a_row + 1
                                  : verdict == Verdict::success ? 0
                                                                : calls.failures_in_a_row;
        ++world_.settled_;
        world_.settling_ = this;
        world_.verdict_ = verdict;
        if (verdict == Verdict::success) {
            permit_.on_success();
        } else if (verdict == Verdict::failure) {
            permit_.on_error();
        }
        {
            const auto gone = std::move(permit_);
        }
        world_.settling_ = nullptr;
    }

    const std::uint64_t generation;

private:
    BreakerWorld& world_;
    BreakerPermit permit_;
    bool open_ = true;
};

BreakerWorld::BreakerWorld(const LifePlan& plan, bool trace)
    : GuardWorld(plan, trace),
      clock_(std::make_shared<JumpingClock>(context_.clock()))
{
    if (random_.uniform() < 0.6) {
        params_.rule = refkit::ConsecutiveFailures{static_cast<std::uint32_t>(random_.between(1, 3))};
    } else {
        refkit::Rates rates;
        const auto calls = static_cast<std::uint32_t>(random_.between(2, 6));
        rates.window = refkit::LastCalls{calls};
        rates.min_calls = static_cast<std::uint32_t>(random_.between(1, calls));
        params_.rule = rates;
    }
    params_.open_wait = std::chrono::microseconds(random_.between(500, 2000));
    params_.open_wait_growth = random_.uniform() < 0.5 ? 1 : 2;
    params_.open_wait_longest = 3ms;
    params_.open_wait_jitter = Ratio::of(0.25);
    params_.half_open_permits = static_cast<std::uint32_t>(random_.between(1, 3));
    params_.max_wait_in_half_open = std::chrono::microseconds(random_.between(1000, 4000));
    ill_ = random_.uniform();
    jump_rate_ = plan.small ? 0 : chance(0.3, 0.02);
    clock_->ahead = 24h;
    breaker_.emplace(params_, random_.stream("breaker"), clock_, [this](const Transition& moved) { hear(moved); });
    for (const auto& caller : callers_) {
        caller->rounds *= 3; // a breaker is quick: it takes more of them to see all its phases
    }
}

Task<void> BreakerWorld::use_once(Caller* caller)
{
    auto& random = caller->random;
    co_await pause(std::chrono::microseconds(random.between(0, 800)));
    auto got = breaker_->try_acquire_permission();
    judge_admission(got.has_value(), got ? std::nullopt : got.error().retry_after);
    if (!got) {
        ++refused_;
        co_return;
    }
    Call call(*this, std::move(got.value()), generation_);
    // Some are late: what they say is of another phase.
    co_await pause(std::chrono::microseconds(random.between(0, random.uniform() < 0.2 ? 8000 : 800)));
    const auto chance = random.uniform();
    if (chance < 0.1) {
        call.settle(Verdict::ignored);
    } else if (chance < 0.9) {
        call.settle(random_.uniform() < ill_ ? Verdict::failure : Verdict::success);
    }
}

void BreakerWorld::meddle()
{
    if (random_.uniform() < 0.02) {
        ill_ = random_.uniform() < 0.5 ? 0.05 : 0.9;
    }
    if (jump_rate_ > 0 && random_.uniform() < jump_rate_) {
        const Duration by =
            random_.uniform() < 0.5 ? Duration(std::chrono::microseconds(random_.between(1, 10'000))) : Duration(1h);
        clock_->ahead += random_.uniform() < 0.5 ? by : -by;
        refused_since_.reset();
        jumped_ = true;
        say([&] { return fmt::format("the clock jumps by {}", format_duration(by)); });
    }
}

/// Called by the breaker while it is asked or told.
void BreakerWorld::hear(const Transition& moved)
{
    say([&] { return fmt::format("{} → {}", to_string(moved.from), to_string(moved.to)); });
    if (moved.from != phase_ || moved.generation != generation_ + 1) {
        break_promise("a change of phase was not told, or out of order");
    }
    const bool legal =
        (moved.from == BreakerPhase::closed && moved.to == BreakerPhase::open) ||
        (moved.from == BreakerPhase::open && moved.to == BreakerPhase::half_open) ||
        (moved.from == BreakerPhase::half_open && (moved.to == BreakerPhase::closed || moved.to == BreakerPhase::open));
    if (!legal) {
        break_promise(fmt::format("{} cannot become {}", to_string(moved.from), to_string(moved.to)));
    }
    if (settling_ != nullptr) {
        judge_result(moved);
    } else if (moved.to == BreakerPhase::closed || moved.from == BreakerPhase::closed) {
        break_promise(fmt::format("{} became {} without a result", to_string(moved.from), to_string(moved.to)));
    }
    phase_ = moved.to;
    generation_ = moved.generation;
    moved_at_ = now();
    refused_since_.reset();
}

/// A result changed the phase.
void BreakerWorld::judge_result(const Transition& moved)
{
    const auto& counts = calls();
    const bool expired = jumped_ || now() - moved_at_ >= params_.max_wait_in_half_open;
    if (settling_->generation != generation_) {
        break_promise("a late result changed the phase");
    }
    if (moved.from == BreakerPhase::closed) {
        const auto* run = std::get_if<refkit::ConsecutiveFailures>(&params_.rule);
        // A success may be the call that was missing to judge by a rate.
        if (verdict_ == Verdict::ignored || (run != nullptr && counts.failures_in_a_row != run->count)) {
            break_promise("the breaker tripped on what does not trip it");
        }
    } else if (moved.to == BreakerPhase::closed && counts.results != params_.half_open_permits) {
        break_promise(fmt::format("it closed on {} results", counts.results));
    } else if (moved.to == BreakerPhase::open && counts.results != params_.half_open_permits && !expired) {
        break_promise(fmt::format("it opened on {} results", counts.results));
    }
}

void BreakerWorld::judge_admission(bool admitted, std::optional<Duration> retry_after)
{
    const auto& counts = calls();
    const auto longest = params_.open_wait_longest * 5 / 4; // by the jitter
    if (phase_ == BreakerPhase::closed && !admitted) {
        break_promise("a closed breaker refused a call");
    }
    if (phase_ == BreakerPhase::open && admitted) {
        break_promise("an open breaker let a call through");
    }
    if (phase_ == BreakerPhase::half_open) {
        const bool free = counts.out + counts.results < params_.half_open_permits;
        if (admitted != free) {
            break_promise(fmt::format("half-open with {} calls out and {} results of {}, it {} a call", counts.out,
                                      counts.results, params_.half_open_permits, admitted ? "let in" : "refused"));
        }
        if (!admitted && !jumped_ && now() - moved_at_ >= params_.max_wait_in_half_open) {
            break_promise("half-open for longer than it may be");
        }
    }
    if (!admitted && (!retry_after || *retry_after <= 0ns ||
                      *retry_after > std::max<Duration>(longest, params_.max_wait_in_half_open))) {
        break_promise("a refusal does not say when to come again");
    }
    if (phase_ == BreakerPhase::open && !refused_since_) {
        refused_since_ = now();
    }
    if (phase_ == BreakerPhase::open && now() - *refused_since_ > longest) {
        break_promise("it stays open for longer than its longest wait");
    }
}

void BreakerWorld::check_end()
{
    const auto stats = breaker_->stats();
    if (stats.phase != phase_ || stats.transitions != generation_ - 1) {
        break_promise("the phase that it tells is not the one that was heard of");
    }
    if (stats.successes + stats.failures + stats.ignored + stats.late != settled_ || stats.rejected != refused_) {
        break_promise(fmt::format(
            "{} successes, {} failures, {} ignored and {} late are not {} calls; {} of {} refused", stats.successes,
            stats.failures, stats.ignored, stats.late, settled_, stats.rejected, refused_));
    }
}

} // namespace

std::unique_ptr<World> make_breaker_world(const LifePlan& plan, bool trace)
{
    return std::make_unique<BreakerWorld>(plan, trace);
}

} // namespace squall::sim
