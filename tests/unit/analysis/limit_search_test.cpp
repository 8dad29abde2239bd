#include "analysis/limit_search.hpp"

#include "base/random.hpp"

#include "catch.hpp"

#include <cmath>
#include <functional>

using squall::Random;
using squall::analysis::LimitSearch;
using squall::analysis::LimitSearchBounds;
using squall::analysis::LimitSearchEnd;

namespace {

LimitSearch searched(const std::function<bool(double)>& holds, LimitSearchBounds bounds = {})
{
    LimitSearch search(bounds);
    while (const auto level = search.next()) {
        REQUIRE(*level >= bounds.lowest);
        REQUIRE(*level <= bounds.highest);
        search.record(holds(*level));
    }
    return search;
}

} // namespace

TEST_CASE("a sharp limit is found within the precision, wherever it lies, and both edges are tried twice")
{
    Random random(5);
    for (int i = 0; i < 500; ++i) {
        const double limit = std::exp2(random.uniform() * 11.9 - 5.95);
        INFO("limit " << limit);
        std::map<double, int> tries;
        const auto search = searched([&](double level) {
            ++tries[level];
            return level <= limit;
        });
        REQUIRE(search.end() == LimitSearchEnd::found);
        CHECK(*search.held() <= limit);
        CHECK(*search.failed() > limit);
        CHECK(*search.failed() / *search.held() <= 1.05);
        CHECK(tries[*search.held()] == 2);
        CHECK(tries[*search.failed()] == 2);
        CHECK(search.trials() <= 16);
    }
}

TEST_CASE("a limit beyond the bounds is said, not guessed")
{
    const auto high = searched([](double) { return true; });
    CHECK(high.end() == LimitSearchEnd::highest_holds);
    CHECK(high.held() == 64.0);
    CHECK_FALSE(high.failed());

    const auto low = searched([](double) { return false; });
    CHECK(low.end() == LimitSearchEnd::none_holds);
    CHECK_FALSE(low.held());
    CHECK(low.failed() == 1.0 / 64);
}

TEST_CASE("one unlucky trial near the edge does not decide")
{
    // The tenth trial and those after it are near the limit; one of them is spoilt.
    for (int spoilt = 8; spoilt <= 16; ++spoilt) {
        int trial = 0;
        const auto search = searched([&](double level) { return ++trial != spoilt && level <= 10; });
        INFO("spoilt trial " << spoilt);
        CHECK(search.end() == LimitSearchEnd::found);
        CHECK(*search.held() <= 10);
        CHECK(*search.held() > 10 / 1.2);
    }
}

TEST_CASE("a limit that is a matter of luck lies where luck is even, and the search ends")
{
    int inside = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Random random(seed);
        const auto search =
            searched([&](double level) { return random.uniform() < 1 / (1 + std::pow(level / 10, 20)); });
        REQUIRE(search.trials() <= 30);
        inside += search.held() && *search.held() > 7 && *search.held() < 13 ? 1 : 0;
    }
    CHECK(inside >= 190);
}

TEST_CASE("bounds are kept: trials, and a range that has one level only")
{
    LimitSearchBounds few;
    few.most_trials = 3;
    const auto cut = searched([](double level) { return level < 50; }, few);
    CHECK(cut.trials() == 3);
    CHECK(cut.end() == LimitSearchEnd::out_of_trials);

    LimitSearchBounds one;
    one.lowest = 2;
    one.highest = 2;
    CHECK(searched([](double) { return true; }, one).held() == 2.0);
    CHECK(searched([](double) { return false; }, one).end() == LimitSearchEnd::none_holds);
}
