#include "refkit/limiter/codel.hpp"

#include "unit/refkit/seeds.hpp"

using namespace std::chrono_literals;

namespace squall::refkit {
namespace {

const Instant start{1h};

/// Overloaded: two intervals of long waits. The second begins at start + 100 ms.
Codel overloaded()
{
    Codel codel({});
    CHECK_FALSE(codel.shed(start, 50ms));
    CHECK_FALSE(codel.shed(start + 50ms, 50ms));
    CHECK_FALSE(codel.shed(start + 100ms, 50ms)); // the first of an interval never is
    CHECK(codel.overloaded());
    return codel;
}

} // namespace

TEST_CASE("a queue that stands for an interval sheds whoever waited longer than twice the target")
{
    auto codel = overloaded();
    CHECK(codel.shed(start + 101ms, 11ms));
    CHECK_FALSE(codel.shed(start + 102ms, 10ms));
    CHECK(codel.shed(start + 199ms, 50ms));
    CHECK_FALSE(codel.shed(start + 200ms, 50ms)); // the first of the next
    CHECK(codel.shed(start + 201ms, 50ms));
}

TEST_CASE("one short wait in an interval ends the shedding with it")
{
    auto codel = overloaded();
    CHECK_FALSE(codel.shed(start + 150ms, 5ms));
    CHECK(codel.shed(start + 160ms, 50ms)); // this one still stands
    CHECK_FALSE(codel.shed(start + 200ms, 50ms));
    CHECK_FALSE(codel.overloaded());
    CHECK_FALSE(codel.shed(start + 210ms, 50ms));
}

TEST_CASE("after a silence the old verdict does not count")
{
    auto codel = overloaded();
    CHECK_FALSE(codel.shed(start + 10s, 50ms));
    CHECK_FALSE(codel.shed(start + 10s, 50ms));
    CHECK_FALSE(codel.overloaded());
}

TEST_CASE("a clock that jumps back begins a new interval")
{
    auto codel = overloaded();
    CHECK_FALSE(codel.shed(start - 30min, 1ms));
    CHECK_FALSE(codel.shed(start - 30min + 100ms, 1ms));
    CHECK_FALSE(codel.overloaded());
}

TEST_CASE("the first of an interval is never shed, and nobody who waited little, whatever happens")
{
    for_seeds(10'000, [](std::uint64_t seed) {
        Random random(seed);
        const CodelParams params{5ms, 100ms};
        Codel codel(params);
        auto now = start;
        std::optional<Instant> interval_end;
        bool standing = true; // no wait within the target in this interval
        bool was_standing = false;
        for (int step = 0; step < 200; ++step) {
            now += std::chrono::microseconds(random.between(0, random.uniform() < 0.05 ? 400'000 : 10'000));
            const Duration waited = std::chrono::microseconds(random.between(0, step / 50 % 2 == 0 ? 12'000 : 60'000));
            const bool first = !interval_end || now >= *interval_end;
            if (first) {
                was_standing = interval_end && standing;
                standing = true;
                interval_end = now + params.interval;
            }
            standing = standing && waited > params.target;
            const bool shed = codel.shed(now, waited);
            SCHEDULE_REQUIRE(!(shed && first));
            SCHEDULE_REQUIRE(!(shed && waited <= 2 * params.target));
            SCHEDULE_REQUIRE(!(shed && !was_standing));
        }
    });
}

TEST_CASE("parameters of CoDel that make no sense are refused")
{
    CHECK(check(CodelParams{}).has_value());
    for (const auto& params :
         {CodelParams{0ms, 100ms}, CodelParams{5ms, 0ms}, CodelParams{-1ms, 100ms}, CodelParams{101ms, 100ms}}) {
        CHECK_FALSE(check(params).has_value());
        CHECK_THROWS_AS(Codel(params), std::invalid_argument);
    }
}

} // namespace squall::refkit
