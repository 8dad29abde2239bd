#include "refkit/limiter/gcra.hpp"

#include "unit/refkit/allocations.hpp"
#include "unit/refkit/seeds.hpp"

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

namespace squall::refkit {
namespace {

const Instant start{1h};

/// The promise itself: with this call, no stretch of time that ends now holds more than burst + w / T.
class GcraModel {
public:
    GcraModel(std::uint64_t burst, Duration spacing) : burst_(static_cast<std::int64_t>(burst)), spacing_(spacing) {}

    bool admits(Instant now)
    {
        auto calls = static_cast<std::int64_t>(admitted_.size()) + 1;
        for (const auto at : admitted_) {
            if ((calls - burst_) * spacing_ > now - at) {
                return false;
            }
            --calls;
        }
        admitted_.push_back(now);
        return true;
    }
    void forget() { admitted_.clear(); }

private:
    std::int64_t burst_;
    Duration spacing_;
    std::vector<Instant> admitted_;
};

GcraParams some_params(Random& random)
{
    return {static_cast<std::uint64_t>(random.between(1, 50)), std::chrono::milliseconds(random.between(1, 3000)),
            static_cast<std::uint64_t>(random.between(1, 8))};
}

} // namespace

TEST_CASE("a rate admits its burst at once, then one call each T, and tells when")
{
    Gcra gcra({10, 1s, 3});
    for (int i = 0; i < 3; ++i) {
        CHECK(gcra.try_acquire(start).has_value());
    }
    const auto refused = gcra.try_acquire(start);
    REQUIRE(refused.has_error());
    CHECK(refused.error().code() == Errc::rate_limited);
    CHECK(refused.error().retry_after == Duration(100ms));
    CHECK(gcra.try_acquire(start + 100ms - 1ns).has_error());
    CHECK(gcra.try_acquire(start + 100ms).has_value());
    CHECK(gcra.try_acquire(start + 100ms).has_error());
    // A pause fills the burst again, and nothing beyond it.
    int admitted = 0;
    for (int i = 0; i < 10; ++i) {
        admitted += gcra.try_acquire(start + 1h) ? 1 : 0;
    }
    CHECK(admitted == 3);
}

TEST_CASE("refusing pushes nothing further away")
{
    Gcra gcra({1, 1s, 1});
    CHECK(gcra.try_acquire(start).has_value());
    for (int i = 0; i < 1000; ++i) {
        CHECK(gcra.try_acquire(start + 500ms).error().retry_after == Duration(500ms));
    }
    CHECK(gcra.try_acquire(start + 1s).has_value());
}

TEST_CASE("a period that does not divide evenly is never overdrawn")
{
    const Gcra gcra({3, 1s, 1});
    CHECK(gcra.spacing() == 333'333'334ns);
}

TEST_CASE("a rate admits exactly what its promise allows, whatever happens in whatever order")
{
    for_seeds(10'000, [](std::uint64_t seed) {
        Random random(seed);
        const auto params = some_params(random);
        Gcra gcra(params);
        GcraModel model(params.burst, gcra.spacing());
        auto now = start;
        for (int step = 0; step < 100; ++step) {
            const auto refused = gcra.try_acquire(now);
            SCHEDULE_REQUIRE(refused.has_value() == model.admits(now));
            if (!refused && random.uniform() < 0.3) {
                // What it tells is exact.
                const auto wait = *refused.error().retry_after;
                SCHEDULE_REQUIRE(gcra.time_until_turn(now) == wait);
                SCHEDULE_REQUIRE(gcra.try_acquire(now + wait - 1ns).has_error());
                now += wait;
                SCHEDULE_REQUIRE(gcra.try_acquire(now).has_value());
                SCHEDULE_REQUIRE(model.admits(now));
            }
            if (random.uniform() < 0.5) {
                now += Duration(random.between(0, 3 * gcra.spacing().count()));
            }
        }
    });
}

TEST_CASE("no jump of the clock lets more through, or shuts the rate for longer than a minute and a burst")
{
    for_seeds(10'000, [](std::uint64_t seed) {
        Random random(seed);
        const auto params = some_params(random);
        Gcra gcra(params);
        auto now = start + 10'000h;
        for (int jump = 0; jump < 6; ++jump) {
            GcraModel model(params.burst, gcra.spacing());
            for (int step = 0; step < 20; ++step) {
                now += Duration(random.between(0, gcra.spacing().count()));
                if (gcra.try_acquire(now)) {
                    SCHEDULE_REQUIRE(model.admits(now));
                }
            }
            now += std::chrono::seconds(random.between(-500'000, 500'000));
            const auto refused = gcra.try_acquire(now);
            if (!refused) {
                const auto longest = 1min + gcra.spacing() * static_cast<std::int64_t>(params.burst + 1);
                SCHEDULE_REQUIRE(*refused.error().retry_after <= longest);
                now += *refused.error().retry_after;
                SCHEDULE_REQUIRE(gcra.try_acquire(now).has_value());
            }
        }
    });
}

TEST_CASE("the ends of time do not overflow")
{
    Gcra gcra({1, 24h, 3000});
    for (const auto now : {Instant::min(), Instant{}, Instant::max() - 1ns, Instant::max(), Instant{}}) {
        const auto refused = gcra.try_acquire(now);
        CHECK((refused || *refused.error().retry_after > Duration::zero()));
        CHECK(gcra.time_until_turn(now, ~std::uint64_t{0}) > Duration::zero());
    }
}

TEST_CASE("threads together get no more than one would, and no less")
{
    Gcra gcra({1000, 1s, 50});
    std::atomic<Duration::rep> clock{0};
    std::atomic<int> admitted{0};
    std::vector<std::thread> running;
    for (int thread = 0; thread < 4; ++thread) {
        running.emplace_back([&] {
            for (int i = 0; i < 50'000; ++i) {
                const Instant now(Duration(clock.fetch_add(10'000))); // 200,000 steps of 10 µs: 2 s
                admitted += gcra.try_acquire(now) ? 1 : 0;
            }
        });
    }
    for (auto& thread : running) {
        thread.join();
    }
    CHECK(admitted <= 50 + 2000);
    CHECK(admitted >= 1900);
}

TEST_CASE("threads that want the same instant's burst share it to the last call")
{
    Gcra gcra({1, 1s, 100'000});
    std::atomic<int> admitted{0};
    std::vector<std::thread> running;
    for (int thread = 0; thread < 4; ++thread) {
        running.emplace_back([&] {
            int mine = 0;
            for (int i = 0; i < 50'000; ++i) {
                mine += gcra.try_acquire(start) ? 1 : 0;
            }
            admitted += mine;
        });
    }
    for (auto& thread : running) {
        thread.join();
    }
    CHECK(admitted == 100'000);
}

TEST_CASE("a rate allocates nothing")
{
    Gcra gcra({1000, 1s, 5});
    const auto before = allocations_of_this_thread();
    for (int i = 0; i < 1000; ++i) {
        (void)gcra.try_acquire(start);
    }
    CHECK(allocations_of_this_thread() == before);
}

TEST_CASE("parameters of a rate that make no sense are refused")
{
    const auto broken = [](GcraParams params) {
        CHECK_THROWS_AS(Gcra(params), std::invalid_argument);
        return !check(params).has_value();
    };
    CHECK(check(GcraParams{}).has_value());
    CHECK(check(GcraParams{10'000'000, 1s, 1}).has_value());
    CHECK(broken({0, 1s, 1}));
    CHECK(broken({1, 0s, 1}));
    CHECK(broken({1, -1s, 1}));
    CHECK(broken({1, 1s, 0}));
    CHECK(broken({10'000'001, 1s, 1}));
    CHECK(broken({~std::uint64_t{0}, 1s, 1}));
    CHECK(broken({1, 24h, 3651}));
    CHECK(broken({1, 1s, ~std::uint64_t{0}}));
    CHECK(broken({1, Duration::max(), 1}));
}

} // namespace squall::refkit
