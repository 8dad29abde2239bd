#include "base/random.hpp"

#include "catch.hpp"

#include <cmath>
#include <set>
#include <vector>

using squall::Random;

TEST_CASE("seeded random")
{
    SECTION("the same seed gives the same numbers, another gives others")
    {
        Random first(7);
        Random again(7);
        Random other(8);
        bool differs = false;
        for (int i = 0; i < 1000; ++i) {
            const auto drawn = first();
            CHECK(drawn == again());
            differs = differs || drawn != other();
        }
        CHECK(differs);
    }
    SECTION("a stream depends on the seed alone, not on what was drawn")
    {
        Random fresh(7);
        Random used(7);
        (void)used();
        auto expected = fresh.stream("arrivals", 3);
        auto actual = used.stream("arrivals", 3);
        CHECK(expected() == actual());
        CHECK(fresh.stream("arrivals", 4)() != fresh.stream("arrivals", 3)());
        CHECK(fresh.stream("think", 3)() != fresh.stream("arrivals", 3)());
    }
    SECTION("bounded draws reach both ends and stay inside")
    {
        Random random(1);
        std::set<std::int64_t> seen;
        for (int i = 0; i < 1000; ++i) {
            const auto drawn = random.between(-2, 2);
            REQUIRE(drawn >= -2);
            REQUIRE(drawn <= 2);
            seen.insert(drawn);
        }
        CHECK(seen.size() == 5);
        CHECK(random.between(9, 9) == 9);
    }
    SECTION("exponential draws have their mean and a coefficient of variation of 1")
    {
        Random random(42);
        constexpr int n = 200'000;
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < n; ++i) {
            const double drawn = random.exponential(2.5);
            sum += drawn;
            squares += drawn * drawn;
        }
        const double mean = sum / n;
        const double deviation = std::sqrt(squares / n - mean * mean);
        CHECK(mean == Approx(2.5).epsilon(0.02));
        CHECK(deviation / mean == Approx(1).epsilon(0.02));
    }
}
