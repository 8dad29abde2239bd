// A life of a ConcurrencyLimiter: fixed, AIMD or Gradient2, with a queue that may be under CoDel.
#include "refkit/limiter/concurrency_limiter.hpp"
#include "sim/refkit/guard_world.hpp"
#include "sim/refkit/worlds.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace squall::sim {
namespace {

using namespace std::chrono_literals;
using refkit::Errc;
using refkit::LimiterPermit;

class LimiterWorld final : public GuardWorld {
public:
    LimiterWorld(const LifePlan& plan, bool trace) : GuardWorld(plan, trace)
    {
        draw();
        limiter_.emplace(context_.executor(), limit_, queue_, context_.clock());
        last_ = limiter_->stats();
    }

private:
    void draw();
    [[nodiscard]] std::size_t draw_limit();
    Task<void> use_once(Caller* caller) override;
    Task<void> work_with(Caller* caller, LimiterPermit permit);
    void destroy_guard() override
    {
        check_step();
        limiter_.reset();
    }
    void judge_refusal(const Caller& caller, const refkit::Rejection& refused);
    void count(Errc error);

    void check_step() override;
    void check_limit(const refkit::ConcurrencyStats& stats);
    void check_codel(const refkit::ConcurrencyStats& stats);
    void check_rest() override;
    void check_end() override;

    /// Has a permit.
    class Holding {
    public:
        explicit Holding(LimiterWorld& world) : world_(&world)
        {
            world.peak_ = std::max(world.peak_, ++world.holding_);
        }
        ~Holding() { end(); }
        Holding(const Holding&) = delete;
        Holding& operator=(const Holding&) = delete;
        /// Before the permit goes back.
        void end()
        {
            if (world_ != nullptr) {
                --std::exchange(world_, nullptr)->holding_;
            }
        }

    private:
        LimiterWorld* world_;
    };

    refkit::LimitParams limit_;
    refkit::QueueParams queue_;
    std::size_t lowest_ = 1; // the limit's own bounds
    std::size_t highest_ = 1;
    std::optional<refkit::BasicConcurrencyLimiter<SimTimer>> limiter_;
    refkit::ConcurrencyStats last_; // after the last step
    refkit::ConcurrencyStats seen_; // what callers were told
    std::size_t holding_ = 0;
    std::size_t peak_ = 0;
    std::optional<Instant> interval_end_; // CoDel's
};

std::size_t LimiterWorld::draw_limit()
{
    return static_cast<std::size_t>(random_.between(1, plan_.small ? 2 : 5));
}

void LimiterWorld::draw()
{
    const refkit::WindowParams window{std::chrono::microseconds(random_.between(500, 4000)),
                                      static_cast<std::uint32_t>(random_.between(1, 4))};
    lowest_ = draw_limit();
    highest_ = lowest_;
    const auto kind = random_.uniform();
    if (kind < 0.4) {
        limit_ = refkit::FixedLimit::Params{lowest_};
    } else {
        highest_ = lowest_ + static_cast<std::size_t>(random_.between(0, 20));
        const auto initial = static_cast<std::size_t>(
            random_.between(static_cast<std::int64_t>(lowest_), static_cast<std::int64_t>(highest_)));
        if (kind < 0.7) {
            limit_ = refkit::AimdParams{
                .initial = initial, .min = lowest_, .max = highest_, .timeout = 2ms, .window = window};
        } else {
            limit_ = refkit::GradientParams{
                .initial = initial, .min = lowest_, .max = highest_, .long_window = 20, .window = window};
        }
    }
    queue_.max_waiters = static_cast<std::size_t>(random_.between(0, 8));
    queue_.codel.reset();
    if (random_.uniform() < 0.6) {
        queue_.codel = refkit::CodelParams{std::chrono::microseconds(random_.between(50, 1000)),
                                           std::chrono::microseconds(random_.between(1000, 3000))};
    }
}

Task<void> LimiterWorld::use_once(Caller* caller)
{
    auto& random = caller->random;
    co_await pause(std::chrono::microseconds(random.between(0, 1500)));
    if (!limiter_) {
        co_return;
    }
    if (random.uniform() < 0.15) {
        auto taken = limiter_->try_acquire();
        if (taken) {
            ++seen_.admitted;
            co_await work_with(caller, std::move(taken.value()));
        } else {
            count(taken.error().error);
            const auto stats = limiter_->stats();
            if (stats.in_flight < stats.limit || taken.error().error != Errc::concurrency_limited) {
                break_promise(fmt::format("caller {} was refused while a place was free", caller->number));
            }
        }
        co_return;
    }
    Waiting waiting(*this, *caller, some_patience(random));
    auto asked = limiter_->acquire(caller->deadline);
    auto got = co_await std::move(asked);
    waiting.end();
    if (!got) {
        judge_refusal(*caller, got.error());
        co_return;
    }
    ++seen_.admitted;
    served(*caller);
    say([&] { return fmt::format("caller {} is let in", caller->number); });
    co_await work_with(caller, std::move(got.value()));
}

Task<void> LimiterWorld::work_with(Caller* caller, LimiterPermit permit)
{
    Holding holding(*this);
    auto& random = caller->random;
    co_await pause(std::chrono::microseconds(random.between(0, 3000)));
    const auto way = random.uniform();
    holding.end();
    if (way < 0.5) {
        permit.on_success();
        permit.on_dropped(); // said twice counts once
    } else if (way < 0.7) {
        permit.on_dropped();
    } else if (way < 0.8) {
        permit.on_ignore();
    }
}

void LimiterWorld::count(Errc error)
{
    ++(error == Errc::concurrency_limited ? seen_.rejected
       : error == Errc::shed              ? seen_.shed
       : error == Errc::acquire_timeout   ? seen_.timeouts
                                          : seen_.cancelled);
}

void LimiterWorld::judge_refusal(const Caller& caller, const refkit::Rejection& refused)
{
    say([&] { return fmt::format("caller {} is refused: {}", caller.number, refkit::to_string(refused.error)); });
    count(refused.error);
    const auto justified = [&] {
        switch (refused.error) {
        case Errc::acquire_timeout:
            return now() >= caller.deadline;
        case Errc::acquire_cancelled:
            return caller.cancelled || guard_gone();
        case Errc::concurrency_limited: {
            const auto stats = limiter_->stats();
            return stats.in_flight >= stats.limit && stats.waiters >= queue_.max_waiters;
        }
        case Errc::shed:
            return queue_.codel.has_value() && refused.retry_after.has_value();
        default:
            return false;
        }
    };
    if (!justified()) {
        break_promise(
            fmt::format("caller {} was refused without reason: {}", caller.number, refkit::to_string(refused.error)));
    }
}

void LimiterWorld::check_step()
{
    if (!limiter_ || !kept()) {
        return;
    }
    const auto stats = limiter_->stats();
    if (stats.in_flight > last_.in_flight && stats.in_flight > std::max(stats.limit, last_.limit)) {
        break_promise(fmt::format("{} are in flight of {} allowed", stats.in_flight, stats.limit));
    }
    if (holding_ > stats.in_flight) {
        break_promise(fmt::format("{} callers hold a permit, and {} are in flight", holding_, stats.in_flight));
    }
    peak_ = std::max(peak_, stats.in_flight);
    check_limit(stats);
    check_codel(stats);
    last_ = stats;
}

void LimiterWorld::check_limit(const refkit::ConcurrencyStats& stats)
{
    if (stats.limit < lowest_ || stats.limit > highest_) {
        break_promise(fmt::format("the limit {} lies outside of {} to {}", stats.limit, lowest_, highest_));
    }
    if (stats.limit > last_.limit && 2 * peak_ < last_.limit) {
        break_promise(fmt::format("the limit rose from {} to {}, and no more than {} were ever in flight", last_.limit,
                                  stats.limit, peak_));
    }
}

/// The first who leaves the queue in an interval is let in.
void LimiterWorld::check_codel(const refkit::ConcurrencyStats& stats)
{
    if (stats.shed + stats.admitted == last_.shed + last_.admitted || !queue_.codel) {
        return;
    }
    if (!interval_end_ || now() >= *interval_end_) {
        interval_end_ = now() + queue_.codel->interval;
        if (stats.admitted == last_.admitted) {
            break_promise("the first of an interval was shed");
        }
    }
}

void LimiterWorld::check_rest()
{
    const auto waiting = check_waiters_at_rest();
    if (!limiter_) {
        return;
    }
    const auto stats = limiter_->stats();
    if (stats.in_flight != holding_) {
        break_promise(fmt::format("{} are in flight, and {} callers hold a permit", stats.in_flight, holding_));
    }
    if (stats.waiters != waiting) {
        break_promise(fmt::format("the limiter counts {} waiting callers of {}", stats.waiters, waiting));
    }
    if (waiting > queue_.max_waiters) {
        break_promise(fmt::format("{} callers wait in a queue for {}", waiting, queue_.max_waiters));
    }
    if (stats.in_flight < stats.limit && waiting > 0) {
        break_promise(
            fmt::format("{} callers wait while {} of {} are in flight", waiting, stats.in_flight, stats.limit));
    }
}

void LimiterWorld::check_end()
{
    if (holding_ != 0) {
        break_promise("a caller still holds a permit");
    }
    if (!limiter_) {
        return;
    }
    const auto stats = limiter_->stats();
    if (stats.in_flight != 0 || stats.waiters != 0) {
        break_promise(fmt::format("{} are in flight and {} wait when all have gone", stats.in_flight, stats.waiters));
    }
    const bool told = stats.admitted == seen_.admitted && stats.rejected == seen_.rejected &&
                      stats.shed == seen_.shed && stats.timeouts == seen_.timeouts &&
                      stats.cancelled == seen_.cancelled;
    if (!told && !loop_destroyed()) {
        break_promise(fmt::format("the limiter counts {} {} {} {} {} (admitted, rejected, shed, timed out, cancelled), "
                                  "its callers {} {} {} {} {}",
                                  stats.admitted, stats.rejected, stats.shed, stats.timeouts, stats.cancelled,
                                  seen_.admitted, seen_.rejected, seen_.shed, seen_.timeouts, seen_.cancelled));
    }
}

} // namespace

std::unique_ptr<World> make_limiter_world(const LifePlan& plan, bool trace)
{
    return std::make_unique<LimiterWorld>(plan, trace);
}

} // namespace squall::sim
