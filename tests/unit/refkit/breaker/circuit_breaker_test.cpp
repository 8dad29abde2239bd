#include "refkit/breaker/circuit_breaker.hpp"

#include "unit/refkit/allocations.hpp"
#include "unit/refkit/seeds.hpp"

#include <algorithm>
#include <barrier>
#include <map>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

namespace squall::refkit {
namespace {

/// Moves only when the test moves it, on any thread.
class SharedClock final : public Clock {
public:
    [[nodiscard]] Instant now() const override { return Instant(Duration(now_.load())); }
    void advance(Duration by) { now_ += by.count(); }

private:
    std::atomic<Duration::rep> now_{Duration(1h).count()};
};

struct Fixture {
    explicit Fixture(BreakerParams params = {})
        : breaker(params, Random(1), clock, [this](const Transition& moved) { heard.push_back(moved); })
    {}

    void fail(int times)
    {
        for (int i = 0; i < times; ++i) {
            breaker.try_acquire_permission().value().on_error();
        }
    }

    std::shared_ptr<SharedClock> clock = std::make_shared<SharedClock>();
    std::vector<Transition> heard;
    CircuitBreaker breaker;
};

} // namespace

TEST_CASE("five failures in a row open a breaker for a minute, a success between them starts the count anew")
{
    Fixture test;
    test.fail(4);
    test.breaker.try_acquire_permission().value().on_success();
    test.fail(4);
    CHECK(test.breaker.phase() == BreakerPhase::closed);
    test.fail(1);
    CHECK(test.breaker.phase() == BreakerPhase::open);
    const auto refused = test.breaker.try_acquire_permission();
    REQUIRE(refused.has_error());
    CHECK(refused.error().code() == Errc::circuit_open);
    CHECK(refused.error().retry_after == Duration(60s));
    test.clock->advance(60s);
    test.breaker.try_acquire_permission().value().on_success();
    CHECK(test.breaker.phase() == BreakerPhase::closed);
    REQUIRE(test.heard.size() == 3);
    CHECK(test.heard[1].to == BreakerPhase::half_open);
    CHECK(test.heard[2].to == BreakerPhase::closed);
    const auto stats = test.breaker.stats();
    CHECK(stats.failures == 9);
    CHECK(stats.successes == 2);
    CHECK(stats.rejected == 1);
    CHECK(stats.transitions == 3);
}

TEST_CASE("slow calls open a breaker as failures do")
{
    Rates rates;
    rates.min_calls = 4;
    rates.failure_rate.reset();
    rates.slow_call_rate = Ratio::of(0.5);
    BreakerParams params;
    params.rule = rates;
    params.slow_call = 2s;
    Fixture test(params);
    for (int i = 0; i < 4; ++i) {
        CHECK(test.breaker.phase() == BreakerPhase::closed);
        auto permit = test.breaker.try_acquire_permission();
        test.clock->advance(i < 2 ? 1999ms : 2s);
        permit.value().on_success();
    }
    CHECK(test.breaker.phase() == BreakerPhase::open);
    CHECK(test.breaker.stats().slow == 2);
}

TEST_CASE("a permit says one thing once; moved, it says it from its new place")
{
    Fixture test;
    test.fail(4);
    auto permit = test.breaker.try_acquire_permission();
    {
        auto moved = std::move(permit.value());
        CHECK_FALSE(permit.value().valid());
        permit.value().on_error();
        CHECK(test.breaker.phase() == BreakerPhase::closed);
        moved.on_error();
        CHECK_FALSE(moved.valid());
        moved.on_success();
    }
    CHECK(test.breaker.stats().failures == 5);
    CHECK(test.breaker.stats().successes == 0);
    CHECK(test.breaker.stats().ignored == 0);
}

TEST_CASE("a half-open permit that is destroyed, overwritten or ignored gives its place back")
{
    Fixture test;
    test.fail(5);
    test.clock->advance(60s);
    {
        const auto destroyed = test.breaker.try_acquire_permission();
        REQUIRE(destroyed.has_value());
        CHECK(test.breaker.try_acquire_permission().has_error());
    }
    auto permit = test.breaker.try_acquire_permission();
    REQUIRE(permit.has_value());
    permit.value().on_ignored();
    permit = test.breaker.try_acquire_permission();
    REQUIRE(permit.has_value());
    permit = Rejection{Errc::circuit_open, std::nullopt};
    CHECK(test.breaker.try_acquire_permission().has_value());
    CHECK(test.breaker.phase() == BreakerPhase::half_open);
}

TEST_CASE("a late failure of a breaker that opened and closed meanwhile counts for nothing")
{
    BreakerParams params;
    params.rule = ConsecutiveFailures{1};
    Fixture test(params);
    auto late = test.breaker.try_acquire_permission();
    test.fail(1);
    test.clock->advance(60s);
    test.breaker.try_acquire_permission().value().on_success();
    REQUIRE(test.breaker.phase() == BreakerPhase::closed);
    late.value().on_error();
    CHECK(test.breaker.phase() == BreakerPhase::closed);
    CHECK(test.breaker.stats().late == 1);
    CHECK(test.breaker.stats().failures == 1);
}

TEST_CASE("a breaker that only measures counts and lets everything through; a disabled one does not count")
{
    Fixture test;
    test.breaker.only_measure();
    test.fail(20);
    CHECK(test.breaker.stats().window.failures == 20);
    CHECK(test.breaker.phase() == BreakerPhase::metrics_only);
    test.breaker.disable();
    test.fail(20);
    CHECK(test.breaker.stats().window.failures == 0);
    test.breaker.force_open();
    CHECK(test.breaker.try_acquire_permission().has_error());
    test.breaker.close();
    test.fail(4);
    CHECK(test.breaker.phase() == BreakerPhase::closed);
}

TEST_CASE("a listener is called outside the lock and may use the breaker")
{
    std::optional<BreakerPhase> seen;
    CircuitBreaker* used = nullptr;
    CircuitBreaker breaker({}, Random(1), std::make_shared<SharedClock>(), [&](const Transition&) {
        if (!seen) {
            seen = used->phase();
            CHECK(used->try_acquire_permission().has_error());
            used->close();
        }
    });
    used = &breaker;
    for (int i = 0; i < 5; ++i) {
        breaker.try_acquire_permission().value().on_error();
    }
    CHECK(seen == BreakerPhase::open);
    CHECK(breaker.phase() == BreakerPhase::closed);
}

TEST_CASE("a breaker allocates nothing, neither for permits nor for rejections")
{
    using Rule = std::variant<ConsecutiveFailures, Rates>;
    Rates by_time;
    by_time.window = LastSeconds{};
    for (const auto& rule : {Rule(), Rule(Rates{}), Rule(by_time)}) {
        BreakerParams params;
        params.rule = rule;
        CircuitBreaker breaker(params, Random(1), std::make_shared<SharedClock>());
        const auto before = allocations_of_this_thread();
        int rejected = 0;
        for (int i = 0; i < 1000; ++i) {
            if (auto permit = breaker.try_acquire_permission()) {
                permit.value().on_error();
            } else {
                ++rejected;
            }
        }
        CHECK(allocations_of_this_thread() == before);
        CHECK(rejected > 900);
    }
}

TEST_CASE("of many threads that find a breaker half-open, exactly as many as allowed get through")
{
    constexpr int threads = 4;
    constexpr int rounds = 200;
    constexpr std::uint32_t places = 2;
    BreakerParams params;
    params.rule = ConsecutiveFailures{1};
    params.half_open_permits = places;
    const auto clock = std::make_shared<SharedClock>();
    CircuitBreaker breaker(params, Random(1), clock);
    std::atomic<int> admitted{0};
    std::atomic<int> wrong{0};
    std::barrier everybody(threads, [] {});
    breaker.try_acquire_permission().value().on_error();
    const auto live = [&](int thread) {
        for (int round = 0; round < rounds; ++round) {
            if (thread == 0) {
                clock->advance(61s);
            }
            everybody.arrive_and_wait();
            {
                auto permit = breaker.try_acquire_permission();
                admitted += permit.has_value() ? 1 : 0;
                everybody.arrive_and_wait();
                if (thread == 0) {
                    wrong += admitted.exchange(0) == static_cast<int>(places) ? 0 : 1;
                }
                if (permit) {
                    permit.value().on_error();
                }
            }
            everybody.arrive_and_wait();
        }
    };
    std::vector<std::thread> running;
    for (int thread = 0; thread < threads; ++thread) {
        running.emplace_back(live, thread);
    }
    for (auto& thread : running) {
        thread.join();
    }
    CHECK(wrong == 0);
}

TEST_CASE("threads that trip and heal a breaker leave an unbroken chain of transitions")
{
    Rates rates;
    rates.window = LastCalls{10};
    rates.min_calls = 5;
    BreakerParams params;
    params.rule = rates;
    params.open_wait = 1us;
    params.half_open_permits = 3;
    std::mutex mutex;
    std::map<std::uint64_t, Transition> heard;
    CircuitBreaker breaker(params, Random(1), std::make_shared<SteadyClock>(), [&](const Transition& moved) {
        const std::lock_guard lock(mutex);
        heard.emplace(moved.generation, moved);
    });
    std::atomic<std::uint64_t> asked{0};
    std::vector<std::thread> running;
    for (std::uint64_t thread = 0; thread < 4; ++thread) {
        running.emplace_back([&, thread] {
            Random random(thread);
            for (int i = 0; i < 20'000; ++i) {
                auto permit = breaker.try_acquire_permission();
                ++asked;
                const auto chance = random.uniform();
                if (permit && chance < 0.45) {
                    permit.value().on_success();
                } else if (permit && chance < 0.9) {
                    permit.value().on_error();
                }
            }
        });
    }
    for (auto& thread : running) {
        thread.join();
    }
    const auto stats = breaker.stats();
    CHECK(asked == stats.successes + stats.failures + stats.ignored + stats.late + stats.rejected);
    CHECK(stats.transitions == heard.size());
    CHECK(heard.size() > 10);
    auto phase = BreakerPhase::closed;
    std::uint64_t generation = 1;
    for (const auto& [at, moved] : heard) {
        REQUIRE(at == ++generation);
        REQUIRE(moved.from == phase);
        phase = moved.to;
    }
    CHECK(phase == breaker.phase());
}

} // namespace squall::refkit
