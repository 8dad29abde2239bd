#include "analysis/trend.hpp"
#include "unit/analysis/simulation.hpp"

#include "catch.hpp"

#include <cmath>
#include <functional>

namespace squall::analysis {
namespace {

using Shape = Trend::Shape;

constexpr double length = 60;

GaugeSeries drawn(const std::function<double(double)>& level, GaugeKind kind = GaugeKind::count)
{
    GaugeSeries series{kind == GaugeKind::memory ? "api.heap_used" : "api.connections", kind, {}};
    for (double at = 0; at < length; at += read_every) {
        series.points.push_back({at, level(at)});
    }
    return series;
}

Trend trend_of(const GaugeSeries& series, std::span<const double> operations = {})
{
    return estimate_trend({series, {measure::Phase::load, 0, length}, operations});
}

/// Between −1 and 1, and the same again in every run.
double wiggle(double at)
{
    return std::sin(at * 7.3) * std::cos(at * 1.7);
}

} // namespace

TEST_CASE("a line under noise is growing, with its slope per hour and per 1000 operations")
{
    std::vector<double> operations;
    for (int second = 1; second <= 60; ++second) {
        operations.push_back(500.0 * second);
    }
    const auto trend = trend_of(drawn([](double at) { return 20 + at / 2 + 2 * wiggle(at); }), operations);
    INFO(trend.why);
    CHECK(trend.shape == Shape::growing);
    CHECK(trend.blocks == 24);
    REQUIRE(trend.per_hour);
    CHECK(trend.per_hour->low < 1800);
    CHECK(*trend.per_hour->high > 1800);
    CHECK(trend.per_hour->value == Approx(1800).epsilon(0.05));
    CHECK(trend.theil_sen_per_hour == Approx(1800).epsilon(0.05));
    CHECK(trend.per_1000_operations->value == Approx(1).epsilon(0.05));
}

TEST_CASE("shapes that are no steady growth have their own names")
{
    CHECK(trend_of(drawn([](double) { return 12.0; })).shape == Shape::flat);
    CHECK(trend_of(drawn([](double at) { return at < 35 ? 12.0 : 22.0; })).shape == Shape::flat); // its own noise
    CHECK(trend_of(drawn([](double at) { return 12 + 40 / (1 + std::exp((36 - at) / 2.5)); })).shape == Shape::step);
    CHECK(trend_of(drawn([](double at) { return 12 + 300 * (1 - std::exp(-at / 10)); })).shape == Shape::decelerating);
    CHECK(trend_of(drawn([](double at) { return 12 + at / 20; })).shape == Shape::flat); // 2.4 units
    CHECK(trend_of(drawn([](double at) { return 120 - at; })).shape == Shape::flat);
}

TEST_CASE("a sawtooth is judged by the level to which it is cut back")
{
    const auto saw = [](double at) { return 200 + 200 * std::fmod(at, 1.5) / 1.5; };
    const auto flat = trend_of(drawn(saw));
    CHECK(flat.shape == Shape::flat);
    CHECK(flat.statistic == Blocks::Statistic::minimum);
    CHECK(trend_of(drawn([&](double at) { return saw(at) + at; })).shape == Shape::growing);
    SECTION("which takes more than a few of its falls")
    {
        const auto slow = trend_of(drawn([](double at) { return 200 + 200 * std::fmod(at, 5) / 5; }));
        CHECK(slow.shape == Shape::not_enough_data);
        CHECK_THAT(slow.why, Catch::Contains("it saws too slowly"));
    }
}

TEST_CASE("memory must rise far more clearly than a count")
{
    const auto rising = [](double at) { return 1e8 + 2e5 * at + 4e6 * std::sin(at / 2); };
    CHECK(trend_of(drawn(rising, GaugeKind::memory)).shape == Shape::flat);
    CHECK(trend_of(drawn([](double at) { return 1e8 + 4e6 * at + 4e6 * std::sin(at / 2); }, GaugeKind::memory)).shape ==
          Shape::growing);
}

TEST_CASE("what cannot be read as a trend says why")
{
    const auto series = drawn([](double at) { return 12 + at; });
    SECTION("the rate moved")
    {
        std::vector<double> operations;
        double total = 0;
        for (int second = 1; second <= 60; ++second) {
            operations.push_back(total += 100 + second);
        }
        CHECK_THAT(trend_of(series, operations).why,
                   Catch::StartsWith("the load was not steady: its rate moved by more than"));
    }
    SECTION("by chance it moves where few come")
    {
        std::vector<double> operations;
        for (int second = 1; second <= 60; ++second) {
            operations.push_back(second <= 36 ? 10.0 * second : 360 + 11.0 * (second - 36)); // 10 % of 240
        }
        CHECK(trend_of(series, operations).shape == Shape::growing);
    }
    SECTION("too short")
    {
        const auto trend = estimate_trend({series, {measure::Phase::load, 0, 5}, {}});
        CHECK(trend.shape == Shape::not_enough_data);
        CHECK(trend.why == "it was read 16 times under steady load; 24 are needed");
    }
    SECTION("restarted")
    {
        CHECK_THAT(estimate_trend({series, {measure::Phase::load, 0, length}, {}, true}).why,
                   Catch::Contains("started anew"));
    }
    SECTION("no gauge of things held")
    {
        CHECK(trend_of(drawn([](double at) { return at; }, GaugeKind::other)).shape == Shape::not_enough_data);
    }
}

} // namespace squall::analysis
