// Random days in the life of a breaker, beside a sequential model of it that is written from the specification.
#include "refkit/breaker/circuit_breaker.hpp"
#include "unit/refkit/seeds.hpp"

#include <deque>
#include <list>

using namespace std::chrono_literals;

namespace squall::refkit {
namespace {

/// The specification, line by line, with a list for the window. No jitter.
class BreakerModel {
public:
    explicit BreakerModel(BreakerParams params) : params_(params) {}

    struct Permit {
        std::uint64_t generation;
        Instant started;
    };

    std::optional<Permit> ask(Instant now)
    {
        expire(now);
        if (phase == BreakerPhase::open && now >= until_) {
            move(BreakerPhase::half_open);
            until_ = now + params_.max_wait_in_half_open;
        }
        const bool passes = phase == BreakerPhase::closed || phase == BreakerPhase::disabled ||
                            phase == BreakerPhase::metrics_only ||
                            (phase == BreakerPhase::half_open && out_ + window_.size() < params_.half_open_permits);
        if (!passes) {
            return std::nullopt;
        }
        ++out_;
        return Permit{generation_, now};
    }

    void settle(const Permit& permit, Verdict verdict, Instant now)
    {
        if (permit.generation != generation_) {
            return;
        }
        if (phase == BreakerPhase::half_open) {
            expire(now);
        }
        if (permit.generation != generation_ || phase == BreakerPhase::disabled) {
            return;
        }
        --out_;
        if (verdict == Verdict::ignored) {
            return;
        }
        window_.push_back({now, verdict == Verdict::failure, now - permit.started >= params_.slow_call});
        if (phase == BreakerPhase::closed && enough(now)) {
            open(now);
        } else if (phase == BreakerPhase::half_open && window_.size() == params_.half_open_permits) {
            if (bad()) {
                open(now);
            } else {
                attempt_ = 0;
                move(BreakerPhase::closed);
            }
        }
    }

    void go(BreakerPhase to)
    {
        if (to != phase) {
            attempt_ = 0;
            move(to);
        }
    }

    BreakerPhase phase = BreakerPhase::closed;
    [[nodiscard]] std::size_t half_open_used() const { return out_ + window_.size(); }

private:
    struct Call {
        Instant at;
        bool failed;
        bool slow;
    };

    void expire(Instant now)
    {
        if (phase == BreakerPhase::half_open && now >= until_) {
            open(now);
        }
    }
    void move(BreakerPhase to)
    {
        phase = to;
        ++generation_;
        window_.clear();
        out_ = 0;
    }
    void open(Instant now)
    {
        Duration wait = params_.open_wait;
        for (int i = 0; i < attempt_; ++i) {
            wait = std::min<Duration>(params_.open_wait_longest, wait * static_cast<int>(params_.open_wait_growth));
        }
        ++attempt_;
        move(BreakerPhase::open);
        until_ = now + wait;
    }
    bool enough(Instant now)
    {
        const auto* rates = std::get_if<Rates>(&params_.rule);
        if (rates == nullptr) {
            const auto count = std::get<ConsecutiveFailures>(params_.rule).count;
            return window_.size() >= count &&
                   std::all_of(window_.end() - count, window_.end(), [](const Call& call) { return call.failed; });
        }
        while (!window_.empty() && gone(*rates, now)) {
            window_.pop_front();
        }
        return window_.size() >= rates->min_calls && bad();
    }
    bool gone(const Rates& rates, Instant now) const
    {
        using std::chrono::floor;
        using std::chrono::seconds;
        if (const auto* calls = std::get_if<LastCalls>(&rates.window)) {
            return window_.size() > calls->calls;
        }
        return floor<seconds>(window_.front().at) <= floor<seconds>(now) - std::get<LastSeconds>(rates.window).span;
    }
    bool bad() const
    {
        double failed = 0;
        double slow = 0;
        for (const auto& call : window_) {
            failed += call.failed ? 1 : 0;
            slow += call.slow ? 1 : 0;
        }
        const auto* rates = std::get_if<Rates>(&params_.rule);
        if (rates == nullptr) {
            return failed > 0;
        }
        const auto calls = static_cast<double>(window_.size());
        return (rates->failure_rate && failed / calls >= rates->failure_rate->value()) ||
               (rates->slow_call_rate && slow / calls >= rates->slow_call_rate->value());
    }

    BreakerParams params_;
    std::uint64_t generation_ = 1;
    Instant until_;
    int attempt_ = 0;
    std::size_t out_ = 0;
    std::deque<Call> window_;
};

BreakerParams some_params(Random& random)
{
    BreakerParams params;
    if (random.uniform() < 0.3) {
        params.rule = ConsecutiveFailures{static_cast<std::uint32_t>(random.between(1, 4))};
    } else {
        Rates rates;
        const auto calls = static_cast<std::uint32_t>(random.between(2, 12));
        rates.min_calls = static_cast<std::uint32_t>(random.between(1, calls));
        rates.failure_rate = Ratio::of(static_cast<double>(random.between(3, 10)) / 10);
        if (random.uniform() < 0.5) {
            rates.slow_call_rate = Ratio::of(static_cast<double>(random.between(5, 10)) / 10);
        }
        if (random.uniform() < 0.5) {
            rates.window = LastCalls{calls};
        } else {
            rates.window = LastSeconds{std::chrono::seconds(random.between(1, 6))};
        }
        params.rule = rates;
    }
    params.slow_call = 500ms;
    params.open_wait = std::chrono::seconds(random.between(1, 3));
    params.open_wait_growth = static_cast<double>(random.between(1, 3));
    params.open_wait_longest = 10s;
    params.half_open_permits = static_cast<std::uint32_t>(random.between(1, 4));
    params.max_wait_in_half_open = std::chrono::seconds(random.between(1, 5));
    return params;
}

class World {
public:
    explicit World(std::uint64_t seed)
        : random_(seed),
          params_(some_params(random_)),
          breaker_(params_, Random(seed), clock_),
          model_(params_)
    {
        clock_->advance(1h);
    }

    void step()
    {
        const auto choice = random_.between(0, 99);
        if (choice < 45) {
            ask();
        } else if (choice < 80) {
            settle();
        } else if (choice < 99) {
            clock_->advance(std::chrono::milliseconds(random_.between(0, choice < 95 ? 300 : 4000)));
        } else {
            go();
        }
        SCHEDULE_REQUIRE(breaker_.phase() == model_.phase);
        SCHEDULE_REQUIRE(model_.phase != BreakerPhase::half_open ||
                         model_.half_open_used() <= params_.half_open_permits);
    }

private:
    void ask()
    {
        auto permit = breaker_.try_acquire_permission();
        const auto expected = model_.ask(clock_->now());
        SCHEDULE_REQUIRE(permit.has_value() == expected.has_value());
        if (permit) {
            held_.emplace_back(std::move(permit.value()), *expected);
            return;
        }
        SCHEDULE_REQUIRE(permit.error().retry_after.has_value() == (model_.phase != BreakerPhase::forced_open));
        if (permit.error().retry_after) {
            SCHEDULE_REQUIRE(*permit.error().retry_after > Duration::zero());
            SCHEDULE_REQUIRE(*permit.error().retry_after <=
                             std::max(params_.open_wait_longest, params_.max_wait_in_half_open));
        }
    }

    void settle()
    {
        if (held_.empty()) {
            return;
        }
        auto chosen = held_.begin();
        std::advance(chosen, random_.between(0, static_cast<std::int64_t>(held_.size()) - 1));
        const auto chance = random_.uniform();
        const auto expected = chosen->second;
        if (chance < 0.4) {
            chosen->first.on_error();
        } else if (chance < 0.8) {
            chosen->first.on_success();
        } else if (chance < 0.9) {
            chosen->first.on_ignored();
        }
        held_.erase(chosen); // destroyed without a word in the rest
        model_.settle(expected,
                      chance < 0.4   ? Verdict::failure
                      : chance < 0.8 ? Verdict::success
                                     : Verdict::ignored,
                      clock_->now());
    }

    void go()
    {
        switch (random_.between(0, 3)) {
        case 0:
            breaker_.force_open();
            model_.go(BreakerPhase::forced_open);
            break;
        case 1:
            breaker_.disable();
            model_.go(BreakerPhase::disabled);
            break;
        case 2:
            breaker_.only_measure();
            model_.go(BreakerPhase::metrics_only);
            break;
        default:
            breaker_.close();
            model_.go(BreakerPhase::closed);
        }
    }

    Random random_;
    BreakerParams params_;
    std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
    CircuitBreaker breaker_;
    BreakerModel model_;
    std::list<std::pair<BreakerPermit, BreakerModel::Permit>> held_;
};

} // namespace

TEST_CASE("a breaker does what the specification says, whatever happens in whatever order")
{
    for_seeds(10'000, [](std::uint64_t seed) {
        World world(seed);
        for (int step = 0; step < 150; ++step) {
            world.step();
        }
    });
}

} // namespace squall::refkit
