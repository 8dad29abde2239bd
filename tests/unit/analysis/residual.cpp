#include "analysis/residual.hpp"

#include "unit/analysis/traces.hpp"

#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace squall::analysis {
namespace {

using measure::Phase;

const std::vector<PhaseSpan> usual_phases{
    {Phase::primer, 0, 6}, {Phase::settle, 6, 18}, {Phase::load, 18, 78}, {Phase::quiesce, 78, 90}};
constexpr Exposure a_minute{60.0 / 3600, 30'000};

GaugeSeries drawn(const std::function<double(double)>& level, GaugeKind kind = GaugeKind::count, double begin = 0,
                  double end = 90)
{
    GaugeSeries series{"postgres.connections", kind, {}};
    for (double at = begin; at < end; at += 0.25) {
        series.points.push_back({at, level(at)});
    }
    return series;
}

/// `before` until the load, twice as many during it, `after` from its end on.
GaugeSeries plain(double before, double after)
{
    return drawn([=](double at) { return at < 18 ? before : at < 79 ? 2 * (before + after) : after; });
}

ResidualEstimate estimate(const GaugeSeries& series, std::span<const PhaseSpan> phases = usual_phases)
{
    return estimate_residual({series, phases, a_minute});
}

ResidualEstimate estimate(const Trace& trace)
{
    const auto load = *find_phase(trace.phases, Phase::load);
    return estimate_residual({trace.fds, trace.phases, {(load.end - load.begin) / 3600, trace.operations}});
}

} // namespace

TEST_CASE("one-sided upper counts are those of the chi-square table")
{
    CHECK(one_sided_upper_count(0) == Approx(2.996).margin(0.0005));
    CHECK(one_sided_upper_count(1) == Approx(4.744).margin(0.0005));
    CHECK(one_sided_upper_count(2) == Approx(6.296).margin(0.0005));
    CHECK(one_sided_upper_count(3) == Approx(7.754).margin(0.0005));
}

TEST_CASE("Garwood's intervals are those of the published table")
{
    // Exact 95 % limits of a Poisson count, as in the tables of Garwood (1936) and Ulm (1990).
    CHECK(garwood_interval(0).low == 0);
    CHECK(*garwood_interval(0).high == Approx(3.689).margin(0.0005));
    CHECK(garwood_interval(1).low == Approx(0.0253).margin(0.00005));
    CHECK(*garwood_interval(1).high == Approx(5.572).margin(0.0005));
    CHECK(garwood_interval(10).low == Approx(4.795).margin(0.0005));
    CHECK(*garwood_interval(10).high == Approx(18.390).margin(0.001));
}

TEST_CASE("a count of any size has an interval, which does not jump where the exact one ends")
{
    CHECK(one_sided_upper_count(500001) / one_sided_upper_count(499999) == Approx(1 + 2 / 5e5).epsilon(1e-8));
    CHECK(*garwood_interval(500001).high / *garwood_interval(499999).high == Approx(1 + 2 / 5e5).epsilon(1e-8));
    for (const double count : {1e9, 5e14, 9e15, 1e300}) {
        const auto interval = garwood_interval(count);
        CHECK(interval.low <= count);
        CHECK(interval.low > 0.999 * count);
        CHECK(*interval.high >= count);
        CHECK(*interval.high < 1.001 * count);
    }
}

TEST_CASE("showing less than one an hour takes three hours without a leak")
{
    CHECK(exposure_to_show(1) == Approx(2.996).margin(0.0005));
    CHECK(exposure_to_show(2, 1) == Approx(4.744 / 2).margin(0.0005));
}

TEST_CASE("a clean minute shows less than 180 an hour, and says what more would take")
{
    const auto clean = estimate(plain(12, 12));
    CHECK(clean.verdict == LeakVerdict::no_leak);
    CHECK(clean.residual.value == 0);
    CHECK(clean.residual.low == 0);
    CHECK(*clean.upper_per_hour == Approx(179.7).margin(0.1));
    CHECK(*clean.upper_per_1000_operations == Approx(2.996 / 30).margin(0.0005));
    CHECK(clean.why == "no leak above 180/h or 0.10 per 1000 operations (95 %)");
    CHECK(clean.what_more == "a clean run of 3.0 h would show < 1/h");
    CHECK_FALSE(clean.cold_baseline);
}

TEST_CASE("what is still held after quiesce is the residual, with its rates")
{
    const auto leaking = estimate(plain(13, 230));
    CHECK(leaking.verdict == LeakVerdict::retained);
    CHECK(leaking.residual.value == 217);
    CHECK(leaking.residual.low == Approx(189.09).margin(0.05));
    CHECK(*leaking.residual.high == Approx(247.88).margin(0.05));
    REQUIRE(leaking.per_hour);
    CHECK(leaking.per_hour->value == Approx(217 * 60));
    CHECK(leaking.per_hour->low == Approx(leaking.residual.low * 60));
    CHECK(leaking.per_1000_operations->value == Approx(217.0 / 30));
    CHECK(leaking.why == "230 held after quiesce, 13 before the load");
}

TEST_CASE("the floor is the lowest level of the settled window, so that blips are no leak")
{
    int reading = 0;
    const auto blips = drawn([&](double) { return ++reading % 7 == 0 ? 14.0 : 12.0; });
    CHECK(estimate(blips).residual.value == 0);
    CHECK(estimate(blips).verdict == LeakVerdict::no_leak);
}

TEST_CASE("a clear leak is found although a busy machine read only a few times after quiesce")
{
    const std::vector<PhaseSpan> phases{
        {Phase::primer, 0, 1}, {Phase::settle, 1, 4}, {Phase::load, 4, 16}, {Phase::quiesce, 16, 19}};
    GaugeSeries series{"postgres.connections", GaugeKind::count, {}};
    for (double at = 0; at < 19; at += at < 4 || at > 16 ? 0.45 : 0.25) {
        series.points.push_back({at, at < 4 ? 9 : at < 16 ? 9 + 79 * (at - 4) / 12 : 88});
    }
    const auto found = estimate_residual({series, phases, {12.0 / 3600, 300}});
    CHECK(found.verdict == LeakVerdict::retained);
    CHECK(found.residual.value == 79);
}

TEST_CASE("fewer than before is no leak")
{
    const auto fewer = estimate(plain(12, 8));
    CHECK(fewer.verdict == LeakVerdict::no_leak);
    CHECK(fewer.residual.value == -4);
    CHECK(fewer.upper == Approx(2.996).margin(0.0005));
}

TEST_CASE("a level that has not settled is no floor")
{
    SECTION("a quiesce that was too short")
    {
        const auto falling = drawn([](double at) { return at < 18 ? 10 : at < 78 ? 100 : 100 - (at - 78) * 4; });
        const auto result = estimate(falling);
        CHECK(result.verdict == LeakVerdict::not_enough_data);
        CHECK(result.why == "it had not settled after the load: it still fell by 8 in the last 4s");
        CHECK(result.what_more == "a quiesce longer than every idle timeout of the service");
    }
    SECTION("still falling, but already no more than before the load: the bound holds")
    {
        const auto falling = drawn([](double at) { return at < 18 ? 60 : at < 78 ? 100 : 100 - (at - 78) * 4; });
        CHECK(estimate(falling).verdict == LeakVerdict::no_leak);
    }
    SECTION("a baseline that still fell: what it hides could be a leak")
    {
        const auto falling = drawn([](double at) { return at < 18 ? 80 - at : 62.0; });
        const auto result = estimate(falling);
        CHECK(result.verdict == LeakVerdict::not_enough_data);
        CHECK(result.why == "it had not settled before the load: it still fell by 2 in the last 4s");
    }
    SECTION("something that rises without load")
    {
        const auto rising = drawn([](double at) { return at < 18 ? 10 : at; });
        const auto result = estimate(rising);
        CHECK(result.verdict == LeakVerdict::not_enough_data);
        CHECK(result.what_more == "find what makes it rise without load");
    }
}

TEST_CASE("a probe that was gone when it was needed leaves no verdict")
{
    auto series = plain(12, 300);
    SECTION("for the whole quiesce")
    {
        std::erase_if(series.points, [](const auto& point) { return point.at_seconds > 77; });
        const auto result = estimate(series);
        CHECK(result.verdict == LeakVerdict::not_enough_data);
        CHECK(result.why == "it was not read all through the last 4s after the load");
        CHECK_FALSE(result.last);
    }
    SECTION("from some moment of the settled window on")
    {
        std::erase_if(series.points, [](const auto& point) { return point.at_seconds > 87; });
        CHECK(estimate(series).verdict == LeakVerdict::not_enough_data);
    }
    SECTION("during the load only, which no floor needs")
    {
        std::erase_if(series.points, [](const auto& point) { return point.at_seconds > 30 && point.at_seconds < 50; });
        CHECK(estimate(series).verdict == LeakVerdict::retained);
    }
}

TEST_CASE("too few readings, a restart, no quiesce and a gauge that holds nothing give no verdict")
{
    SECTION("fewer than 24 readings")
    {
        GaugeSeries sparse{"api.sockets", GaugeKind::count, {}};
        for (const double at : {14.2, 15.2, 16.2, 17.2, 30.0, 60.0, 86.2, 87.2, 88.2, 89.2}) {
            sparse.points.push_back({at, 5});
        }
        CHECK(estimate(sparse).why == "it was read only 10 times; 24 are needed");
    }
    SECTION("a process started anew")
    {
        const auto series = plain(12, 300);
        const auto result = estimate_residual({series, usual_phases, a_minute, true});
        CHECK(result.verdict == LeakVerdict::not_enough_data);
        CHECK(result.why == "its process was started anew during the run");
    }
    SECTION("a run that ended with its load")
    {
        const auto result = estimate(plain(12, 300), std::span(usual_phases).first(3));
        CHECK(result.verdict == LeakVerdict::not_enough_data);
        CHECK(result.why == "there was no quiesce: what was still held was in use");
    }
    SECTION("a counter that only ever grows")
    {
        auto series = plain(12, 300);
        series.kind = GaugeKind::other;
        CHECK(estimate(series).verdict == LeakVerdict::not_enough_data);
    }
    SECTION("a gauge that was never read")
    {
        CHECK(estimate(GaugeSeries{"x", GaugeKind::count, {}}).verdict == LeakVerdict::not_enough_data);
    }
}

TEST_CASE("without a primer the level before the load is the baseline, and the estimate says that it is cold")
{
    const std::vector<PhaseSpan> no_primer{{Phase::load, 18, 78}, {Phase::quiesce, 78, 90}};
    const auto result = estimate(plain(13, 20), no_primer);
    CHECK(result.cold_baseline);
    CHECK(result.residual.value == 7);
    CHECK(result.verdict == LeakVerdict::retained);
    CHECK(result.why == "20 held after quiesce, 13 before the load; there was no primer, so what is opened once and "
                        "kept counts too");
    SECTION("probes that begin with the load give their first reading")
    {
        const auto series = drawn([](double at) { return at < 18.5 ? 3 : 9; }, GaugeKind::count, 18.1);
        CHECK(estimate(series, no_primer).residual.value == 6);
    }
}

TEST_CASE("memory is judged by the widest of its own noise, the load's sawtooth and the collector")
{
    constexpr double mebi = 1024.0 * 1024;
    const auto rises = [](double by) {
        return drawn([=](double at) { return (at < 18 ? 100 : 100 + by) * mebi; }, GaugeKind::memory);
    };
    SECTION("a steady rise of 30 MiB is kept")
    {
        const auto result = estimate(rises(30));
        CHECK(result.verdict == LeakVerdict::retained);
        CHECK(result.why == "130.0 MiB held after quiesce, 100.0 MiB before the load");
    }
    SECTION("a rise of 20 MiB means nothing where a collector is at work")
    {
        const auto series = rises(20);
        const auto result = estimate_residual({series, usual_phases, a_minute, false, true});
        CHECK(result.verdict == LeakVerdict::no_leak);
        CHECK(result.residual.low == Approx(20 * mebi - 24e6));
        CHECK(*result.residual.high == Approx(20 * mebi + 24e6));
        CHECK(estimate(series).verdict == LeakVerdict::retained);
    }
    SECTION("nor where the load itself made it saw by more")
    {
        const auto saw = drawn(
            [](double at) {
                const double tooth = at >= 18 && at < 78 ? 40 * (at / 3 - static_cast<int>(at / 3)) : 0;
                return (at < 78 ? 100 + tooth : 120) * mebi;
            },
            GaugeKind::memory);
        const auto result = estimate(saw);
        CHECK(result.verdict == LeakVerdict::no_leak);
        CHECK(result.upper > 50 * mebi);
    }
    SECTION("noise inside the settled windows widens it by Student's t")
    {
        int reading = 0;
        const auto noisy = drawn(
            [&](double at) {
                const bool quiet = at < 18 || at >= 78;
                return (100 + (quiet && ++reading % 2 == 0 ? 6 : 0)) * mebi;
            },
            GaugeKind::memory);
        const auto result = estimate(noisy);
        // 16 readings of 0 and 6 each: s = 3.098, t(.975, 30) = 2.0423
        CHECK(*result.residual.high == Approx(2.0423 * std::sqrt(2.0) * 3.0984 * mebi).epsilon(0.001));
    }
}

TEST_CASE("a recorded service that leaks a descriptor per trigger is caught with the true number")
{
    const auto trace = read_trace("socket-leak-before-1");
    const auto result = estimate(trace);
    CHECK(result.verdict == LeakVerdict::retained);
    CHECK(std::abs(result.residual.value - trace.triggers) <= 2);
    CHECK(result.residual.low <= trace.triggers);
    CHECK(*result.residual.high >= trace.triggers);
}

TEST_CASE("the same service after the fix is not accused")
{
    const auto result = estimate(read_trace("socket-leak-after-1"));
    CHECK(result.verdict == LeakVerdict::no_leak);
    CHECK(result.residual.value == 0);
}

} // namespace squall::analysis
