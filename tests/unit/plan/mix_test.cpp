#include "plan/mix.hpp"

#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace squall::plan;

namespace {

using Mix = std::vector<std::vector<double>>;

std::vector<double> of_part(const Mix& mix, std::size_t part)
{
    std::vector<double> column;
    for (const auto& cycle : mix) {
        column.push_back(cycle[part]);
    }
    return column;
}

/// Of the matrix whose rows are given, by elimination.
std::size_t rank(Mix rows)
{
    std::size_t found = 0;
    for (std::size_t column = 0; column < rows.front().size() && found < rows.size(); ++column) {
        const auto pivot = std::max_element(
            rows.begin() + static_cast<std::ptrdiff_t>(found), rows.end(),
            [column](const auto& a, const auto& b) { return std::abs(a[column]) < std::abs(b[column]); });
        if (std::abs((*pivot)[column]) < 0.01) {
            continue;
        }
        std::swap(rows[found], *pivot);
        for (std::size_t row = found + 1; row < rows.size(); ++row) {
            const double factor = rows[row][column] / rows[found][column];
            for (std::size_t at = column; at < rows[row].size(); ++at) {
                rows[row][at] -= factor * rows[found][at];
            }
        }
        ++found;
    }
    return found;
}

} // namespace

TEST_CASE("what is sent in a cycle is as much as without the mix, whatever the parts weigh")
{
    const std::vector<double> weights =
        GENERATE(std::vector<double>{1, 1}, std::vector<double>{300, 3}, std::vector<double>{5, 1, 2},
                 std::vector<double>{1, 2, 3, 4}, std::vector<double>{9, 1, 1, 1, 7});
    const auto mix = varied_mix(weights);
    REQUIRE(mix.size() == 6);
    double largest = 0;
    for (const auto& cycle : mix) {
        REQUIRE(cycle.size() == weights.size());
        CHECK(std::inner_product(weights.begin(), weights.end(), cycle.begin(), 0.0) ==
              Approx(std::accumulate(weights.begin(), weights.end(), 0.0)));
        for (const double factor : cycle) {
            largest = std::max(largest, std::abs(factor - 1));
        }
    }
    CHECK(largest == Approx(0.4));
    CHECK(mix.back() == std::vector<double>(weights.size(), 1)); // the large dose is the scenario's own
}

TEST_CASE("no part's share looks like time, and over the equal cycles each has what the scenario says")
{
    const auto mix = varied_mix(std::vector<double>{1, 2, 3, 4});
    for (std::size_t part = 0; part < 4; ++part) {
        const auto shares = of_part(mix, part);
        double trend = 0;
        for (int cycle = 0; cycle < 5; ++cycle) {
            trend += (cycle - 2) * shares[static_cast<std::size_t>(cycle)];
        }
        CHECK(trend == Approx(0).margin(1e-9));
        CHECK(std::accumulate(shares.begin(), shares.end() - 1, 0.0) == Approx(5));
        CHECK_FALSE(std::is_sorted(shares.begin(), shares.end() - 1));
        CHECK_FALSE(std::is_sorted(shares.rbegin() + 1, shares.rend()));
    }
}

TEST_CASE("up to four parts can be told apart")
{
    for (std::size_t parts = 2; parts <= distinct_parts; ++parts) {
        const std::vector<double> weights{4, 1, 2, 1};
        const auto mix = varied_mix(std::span(weights).first(parts));
        Mix doses;
        for (std::size_t part = 0; part < parts; ++part) {
            doses.push_back(of_part(mix, part));
            doses.back().back() *= 8;
        }
        CHECK(rank(doses) == parts);
    }
    const auto mix = varied_mix(std::vector<double>(5, 1));
    CHECK(of_part(mix, 4) == of_part(mix, 0));
}

TEST_CASE("one part alone cannot vary")
{
    CHECK(varied_mix(std::vector<double>{7}) == Mix(6, {1}));
    CHECK(varied_mix(std::vector<double>{}) == Mix(6, std::vector<double>{}));
}

TEST_CASE("codes can be shifted, for choices that stand beside others")
{
    const std::vector<double> weights{1, 1};
    CHECK(varied_mix(weights, 0) != varied_mix(weights, 2));
    CHECK(varied_mix(weights, 4) == varied_mix(weights, 0));
}
