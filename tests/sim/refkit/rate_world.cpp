// A life of a GcraLimiter: callers that take what is free or wait for their turn.
#include "refkit/limiter/gcra_limiter.hpp"
#include "sim/refkit/guard_world.hpp"
#include "sim/refkit/worlds.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace squall::sim {
namespace {

using namespace std::chrono_literals;
using refkit::Errc;

class RateWorld final : public GuardWorld {
public:
    RateWorld(const LifePlan& plan, bool trace) : GuardWorld(plan, trace)
    {
        params_.rate.calls = static_cast<std::uint64_t>(random_.between(1, 8));
        params_.rate.period = std::chrono::microseconds(random_.between(500, 4000));
        params_.rate.burst = static_cast<std::uint64_t>(random_.between(1, 4));
        params_.max_waiters = static_cast<std::size_t>(random_.between(0, 8));
        spacing_ = refkit::Gcra(params_.rate).spacing();
        jump_rate_ = plan.small ? 0 : chance(0.2, 0.05);
        clock_->ahead = jump_rate_ > 0 ? 24h : 0h;
        limiter_.emplace(context_.executor(), params_, clock_);
    }

private:
    Task<void> use_once(Caller* caller) override;
    void take_at_once(Caller& caller);
    void judge_refusal(const Caller& caller, const refkit::Rejection& refused);
    void destroy_guard() override
    {
        check_step();
        limiter_.reset();
    }
    void meddle() override;
    void check_step() override;
    void check_rest() override;
    void check_end() override;
    void admit_now();
    /// When one more call is within the rate.
    [[nodiscard]] Instant next_turn() const
    {
        return arrival_ - spacing_ * static_cast<Duration::rep>(params_.rate.burst - 1);
    }

    std::shared_ptr<JumpingClock> clock_ = std::make_shared<JumpingClock>(context_.clock());
    double jump_rate_ = 0; // then nobody waits: timers know nothing of jumps
    refkit::RateParams params_;
    Duration spacing_{};
    std::optional<refkit::BasicGcraLimiter<SimTimer>> limiter_;
    std::vector<Instant> admitted_;
    Instant arrival_{}; // when the next call would come if calls came evenly
    refkit::RateStats seen_;
};

Task<void> RateWorld::use_once(Caller* caller)
{
    auto& random = caller->random;
    co_await pause(std::chrono::microseconds(random.between(0, 2000)));
    if (!limiter_) {
        co_return;
    }
    if (jump_rate_ > 0 || random.uniform() < 0.2) {
        take_at_once(*caller);
        co_return;
    }
    Waiting waiting(*this, *caller, some_patience(random));
    say([&] {
        return fmt::format("caller {} waits for {} at most", caller->number,
                           format_duration(std::min<Duration>(caller->deadline - now(), 1h)));
    });
    auto asked = limiter_->acquire(caller->deadline);
    auto got = co_await std::move(asked);
    waiting.end();
    if (!got) {
        judge_refusal(*caller, got.error());
        co_return;
    }
    ++seen_.admitted;
    served(*caller);
    say([&] { return fmt::format("caller {} has its turn", caller->number); });
}

void RateWorld::take_at_once(Caller& caller)
{
    const bool others_wait = limiter_->stats().waiters > 0;
    const auto got = limiter_->try_acquire();
    if (got) {
        ++seen_.admitted;
        return;
    }
    ++seen_.rejected;
    if (got.error().error != Errc::rate_limited || !got.error().retry_after) {
        break_promise(fmt::format("caller {} was refused without reason", caller.number));
    } else if (jump_rate_ > 0) {
        const auto longest = spacing_ * static_cast<Duration::rep>(params_.rate.burst) + 1min;
        if (*got.error().retry_after > longest) {
            break_promise(fmt::format("a call is refused for {}", format_duration(*got.error().retry_after)));
        }
    } else if (!others_wait && now() + *got.error().retry_after != next_turn()) {
        break_promise(fmt::format("caller {} was told to come again in {}, and its turn is in {}", caller.number,
                                  format_duration(*got.error().retry_after), format_duration(next_turn() - now())));
    }
}

void RateWorld::judge_refusal(const Caller& caller, const refkit::Rejection& refused)
{
    say([&] { return fmt::format("caller {} is refused: {}", caller.number, refkit::to_string(refused.error)); });
    const auto justified = [&] {
        switch (refused.error) {
        case Errc::rate_limited:
            ++seen_.rejected;
            return limiter_ && refused.retry_after &&
                   (limiter_->stats().waiters >= params_.max_waiters || now() + *refused.retry_after > caller.deadline);
        case Errc::acquire_timeout: // who would have come too late was not let in
            ++seen_.timeouts;
            return !unhurried() && now() >= caller.deadline;
        case Errc::acquire_cancelled:
            ++seen_.cancelled;
            return caller.cancelled || guard_gone();
        default:
            return false;
        }
    };
    if (!justified()) {
        break_promise(
            fmt::format("caller {} was refused without reason: {}", caller.number, refkit::to_string(refused.error)));
    }
}

void RateWorld::meddle()
{
    if (jump_rate_ > 0 && random_.uniform() < jump_rate_) {
        const Duration by =
            random_.uniform() < 0.5 ? Duration(std::chrono::microseconds(random_.between(1, 10'000))) : Duration(1h);
        clock_->ahead += random_.uniform() < 0.5 ? by : -by;
        say([&] { return fmt::format("the clock jumps by {}", format_duration(by)); });
    }
}

void RateWorld::check_step()
{
    if (limiter_ && jump_rate_ == 0) {
        while (kept() && admitted_.size() < limiter_->stats().admitted) {
            admit_now();
        }
    }
}

/// Never more than burst + w/T in any stretch of time that ends now.
void RateWorld::admit_now()
{
    admitted_.push_back(now());
    arrival_ = std::max(arrival_, now()) + spacing_;
    for (std::size_t first = 0; first < admitted_.size(); ++first) {
        const auto calls = admitted_.size() - first;
        const auto allowed = params_.rate.burst + static_cast<std::uint64_t>((now() - admitted_[first]) / spacing_);
        if (calls > allowed) {
            break_promise(fmt::format("{} calls in {}, and {} are allowed", calls,
                                      format_duration(now() - admitted_[first]), allowed));
            return;
        }
    }
}

void RateWorld::check_rest()
{
    const auto waiting = check_waiters_at_rest();
    if (!limiter_) {
        return;
    }
    if (limiter_->stats().waiters != waiting) {
        break_promise(fmt::format("the limiter counts {} waiting callers of {}", limiter_->stats().waiters, waiting));
    }
    if (waiting > 0 && now() >= next_turn()) {
        break_promise(fmt::format("{} callers wait, and nobody takes the turn of now", waiting));
    }
}

void RateWorld::check_end()
{
    if (!limiter_) {
        return;
    }
    const auto stats = limiter_->stats();
    const bool told = stats.admitted == seen_.admitted && stats.rejected == seen_.rejected &&
                      stats.timeouts == seen_.timeouts && stats.cancelled == seen_.cancelled;
    if (stats.waiters != 0 || (!told && !loop_destroyed())) {
        break_promise(fmt::format("the limiter counts {} waiting, {} {} {} {} (admitted, rejected, timed out, "
                                  "cancelled), its callers {} {} {} {}",
                                  stats.waiters, stats.admitted, stats.rejected, stats.timeouts, stats.cancelled,
                                  seen_.admitted, seen_.rejected, seen_.timeouts, seen_.cancelled));
    }
}

} // namespace

std::unique_ptr<World> make_rate_world(const LifePlan& plan, bool trace)
{
    return std::make_unique<RateWorld>(plan, trace);
}

} // namespace squall::sim
