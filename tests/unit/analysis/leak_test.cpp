#include "analysis/leak.hpp"
#include "unit/analysis/simulation.hpp"
#include "unit/analysis/traces.hpp"

#include "catch.hpp"

#include <functional>
#include <limits>

namespace squall::analysis {
namespace {

using measure::Phase;

constexpr double rest = 12;
constexpr double dose = 60;

/// A run of cycles with doses: rest, then load and rest for each. `level` says what is held `second` seconds into the
/// load of cycle `cycle`, and at rest behind it.
struct Run {
    GaugeSeries series{"api.connections", GaugeKind::count, {}};
    Rest settle{{Phase::settle, 0, rest}};
    std::vector<LeakCycle> cycles;
    std::vector<double> operations;

    [[nodiscard]] LeakEstimate judge(const std::vector<Restart>& restarts = {},
                                     std::optional<double> cap = std::nullopt, bool collector = false) const
    {
        LeakInput input{series, settle, cycles, operations, restarts};
        input.declared_cap = cap;
        input.garbage_collected = collector;
        return estimate_leak(input);
    }
};

/// `held(load)`: after so many seconds of load in all; under load three more are in use.
Run run_of(const std::vector<double>& doses, const std::function<double(double)>& held)
{
    Run run;
    double at = 0;
    double loaded = 0;
    const auto read = [&](double seconds, bool busy) {
        for (double into = 0; into < seconds; into += 0.25) {
            run.series.points.push_back({at + into, held(loaded + (busy ? into : 0)) + (busy ? 3 : 0)});
        }
        at += seconds;
    };
    read(rest, false);
    for (const double size : doses) {
        const double begin = at;
        read(size * dose, true);
        loaded += size * dose;
        const double end = at;
        read(rest, false);
        run.cycles.push_back({{Phase::load, begin, end}, Rest{{Phase::quiesce, end, at}}, size * dose * 100});
    }
    for (double second = 1; rest + second <= at; ++second) {
        double busy = 0;
        for (const auto& cycle : run.cycles) {
            busy += std::clamp(rest + second - cycle.load.begin, 0.0, cycle.load.end - cycle.load.begin);
        }
        run.operations.push_back(100 * busy);
    }
    return run;
}

const std::vector<double> six{1, 1, 1, 1, 1, 8};

double leaking(double seconds)
{
    return 12 + std::floor(seconds / 5);
}

} // namespace

TEST_CASE("one cycle that keeps what it gathered under load is suspected, never confirmed")
{
    const auto estimate = run_of({1}, leaking).judge();
    CHECK(estimate.verdict == LeakVerdict::suspected);
    CHECK(is_leak(estimate.verdict));
    CHECK(estimate.residual.residual.value == 12);
    CHECK(estimate.trend.shape == Trend::Shape::growing);
    CHECK(estimate.per_hour()->value == Approx(720));
    CHECK(estimate.per_1000_operations()->value == Approx(2));
    CHECK(estimate.what_more == "more cycles of load and quiesce: leak_check = \"standard\"");
    CHECK_FALSE(estimate.floor.empty());
}

TEST_CASE("six cycles that each keep more confirm a leak, with the rate over all of them")
{
    const auto estimate = run_of(six, leaking).judge();
    CHECK(estimate.verdict == LeakVerdict::confirmed);
    REQUIRE(estimate.ratchet);
    std::vector<double> kept;
    for (const auto& cycle : estimate.kept_by_cycle) {
        kept.push_back(cycle.kept);
    }
    CHECK(kept == std::vector<double>{12, 12, 12, 12, 12, 96});
    CHECK(estimate.per_hour()->value == Approx(720));
    CHECK(estimate.per_1000_operations()->value == Approx(2));
    CHECK(estimate.residual.exposure.hours == Approx(13.0 / 60));
}

TEST_CASE("a cache that fills over the cycles is no leak")
{
    const auto cache = [](double seconds) { return 12 + std::round(200 * (1 - std::exp(-seconds / 90))); };
    CHECK(run_of(six, cache).judge().verdict == LeakVerdict::filling);
    const auto soon_full = [](double seconds) { return 12 + std::round(200 * (1 - std::exp(-seconds / 20))); };
    CHECK(run_of({1}, soon_full).judge().verdict == LeakVerdict::filling);
    const auto full = run_of(six, [](double seconds) { return seconds > 100 ? 62.0 : 12.0; }).judge();
    INFO(full.why);
    CHECK_FALSE(is_leak(full.verdict));
}

TEST_CASE("a leak that has used up what there is does not pass for a cache")
{
    auto run = run_of(six, [](double seconds) { return 12 + std::min(std::floor(seconds / 2), 60.0); });
    CHECK(run.judge().verdict == LeakVerdict::filling);
    run.cycles.back().failed = run.cycles.back().operations / 2;
    const auto estimate = run.judge();
    CHECK(estimate.verdict == LeakVerdict::retained);
    CHECK_THAT(estimate.why, Catch::EndsWith("31 % of the operations failed: did it use up what there is?"));
}

TEST_CASE("what a run that ended early has of whole cycles is judged")
{
    auto run = run_of({1, 1, 1}, leaking);
    run.cycles.back().quiesce.reset();
    const auto estimate = run.judge();
    CHECK(estimate.verdict == LeakVerdict::suspected);
    CHECK(estimate.residual.residual.value == 24);
    CHECK(estimate.residual.exposure.hours == Approx(2.0 / 60));
    CHECK_FALSE(estimate.ratchet);
    auto none = run_of({1}, leaking);
    none.cycles.back().quiesce.reset();
    CHECK(none.judge().verdict == LeakVerdict::not_enough_data);
    CHECK(none.judge().why == "there was no quiesce: what was still held was in use");
}

TEST_CASE("a restart is never bridged")
{
    SECTION("a run of one cycle cannot be judged")
    {
        const auto estimate = run_of({1}, leaking).judge({{"api", 40}});
        CHECK(estimate.verdict == LeakVerdict::not_enough_data);
        CHECK(estimate.why == "api was started anew at 40 s, and no whole cycle of load and rest followed");
        CHECK_FALSE(estimate.per_hour());
    }
    SECTION("of several cycles those behind it are")
    {
        const auto estimate = run_of({1, 1, 1}, leaking).judge({{"api", 100}});
        CHECK(estimate.residual.residual.value == 12);
        CHECK(estimate.residual.exposure.operations == 6000);
        CHECK(estimate.verdict == LeakVerdict::suspected);
    }
}

TEST_CASE("what stays within its declared cap is never called a leak, what exceeds it is one")
{
    const auto within = run_of(six, leaking).judge({}, 200);
    CHECK(within.verdict == LeakVerdict::retained);
    CHECK(within.within_cap);
    CHECK(run_of({1}, leaking).judge({}, 12).verdict == LeakVerdict::retained);
    const auto beyond = run_of({1}, leaking).judge({}, 11);
    CHECK(beyond.verdict == LeakVerdict::confirmed);
    CHECK_FALSE(beyond.within_cap);
}

TEST_CASE("memory over six cycles")
{
    auto run = run_of(six, [](double seconds) { return (100 + seconds / 10) * 1024 * 1024; });
    run.series.kind = GaugeKind::memory;
    run.series.name = "target.rss";
    SECTION("is confirmed where no collector plays")
    {
        CHECK(run.judge().verdict == LeakVerdict::confirmed);
    }
    SECTION("is at most suspected under a collector that nobody ran")
    {
        const auto estimate = run.judge({}, std::nullopt, true);
        CHECK(estimate.verdict == LeakVerdict::suspected);
        CHECK(estimate.what_more == "a hook that makes its runtime collect: service.NAME.gc in [stack]");
    }
    SECTION("is confirmed when every level was taken after a collection, but for resident memory")
    {
        run.settle.collected = true;
        for (auto& cycle : run.cycles) {
            cycle.quiesce->collected = true;
        }
        CHECK(run.judge({}, std::nullopt, true).verdict == LeakVerdict::suspected);
        run.series.name = "api.heap_used";
        CHECK(run.judge({}, std::nullopt, true).verdict == LeakVerdict::confirmed);
    }
}

TEST_CASE("what a collector may have left lying is unclear, however small the process was before")
{
    constexpr double mebi = 1024 * 1024;
    const auto grown = [](double amount) {
        auto run = run_of({1}, [amount](double seconds) { return (16 + amount * seconds / dose) * mebi; });
        run.series.kind = GaugeKind::memory;
        run.series.name = "api.rss_anon";
        return run;
    };
    CHECK(grown(46).judge({}, std::nullopt, true).verdict == LeakVerdict::unclear);
    CHECK(grown(46).judge({}, std::nullopt, false).verdict == LeakVerdict::suspected);
    CHECK(grown(80).judge({}, std::nullopt, true).verdict == LeakVerdict::suspected);
    auto heap = grown(46);
    heap.series.name = "node.heap_used";
    CHECK(heap.judge({}, std::nullopt, true).verdict == LeakVerdict::unclear);
}

TEST_CASE("pages that come and go are no leak, however often they set a record")
{
    auto run = run_of(six, [](double seconds) { return 100 * 1024 * 1024 + seconds * 100; });
    run.series.kind = GaugeKind::memory;
    run.series.name = "target.rss";
    const auto estimate = run.judge();
    INFO(estimate.why);
    CHECK(estimate.verdict == LeakVerdict::no_leak);
}

TEST_CASE("readings that cannot be those of a thing held are not judged")
{
    auto run = run_of({1}, leaking);
    const auto judged_with = [&run](double value) {
        auto changed = run;
        changed.series.points[150].value = value;
        return changed.judge();
    };
    for (const auto& [value, why] :
         {std::pair{-3.0, "it read -3, and nobody holds less than nothing: at 37.5 s"},
          std::pair{1e300, "it read 1e+300, more than can be counted exactly, at 37.5 s"},
          std::pair{std::numeric_limits<double>::quiet_NaN(), "it read something that is no number at 37.5 s"},
          std::pair{std::numeric_limits<double>::infinity(), "it read something that is no number at 37.5 s"}}) {
        const auto estimate = judged_with(value);
        CHECK(estimate.verdict == LeakVerdict::not_enough_data);
        CHECK(estimate.why == why);
        CHECK_FALSE(estimate.per_hour());
    }
    SECTION("a counter that wraps")
    {
        for (auto& point : run.series.points) {
            point.value = std::fmod(4294960000.0 + 500 * point.at_seconds, 4294967296.0);
        }
        const auto estimate = run.judge();
        CHECK(estimate.verdict == LeakVerdict::not_enough_data);
        CHECK_THAT(estimate.why, Catch::Contains("as a counter does that wraps"));
    }
    SECTION("a clock that was set")
    {
        run.series.points[100].at_seconds -= 30;
        CHECK_THAT(run.judge().why, Catch::Contains("not in the order of time"));
    }
}

TEST_CASE("a probe that is gone for half of the load leaves no trend, and one that stays away no verdict")
{
    auto run = run_of({1}, leaking);
    auto gone_for_a_while = run;
    std::erase_if(gone_for_a_while.series.points,
                  [](const GaugePoint& point) { return point.at_seconds > 40 && point.at_seconds < 60; });
    const auto gap = gone_for_a_while.judge();
    CHECK(gap.verdict == LeakVerdict::retained);
    CHECK_THAT(gap.why, Catch::Contains("it was not read for 20 s of the load"));
    std::erase_if(run.series.points, [](const GaugePoint& point) { return point.at_seconds > 40; });
    const auto away = run.judge();
    CHECK(away.verdict == LeakVerdict::not_enough_data);
    CHECK(away.what_more == "see why the probe failed");
}

TEST_CASE("a rising load makes a rising gauge unreadable, not suspicious")
{
    auto run = run_of({1}, leaking);
    for (std::size_t second = 0; second < run.operations.size(); ++second) {
        const double load = std::min(static_cast<double>(second + 1), dose);
        run.operations[second] = 100 * load * (1 + load / (2 * dose)); // 50 % more at the end
    }
    const auto estimate = run.judge();
    CHECK(estimate.verdict == LeakVerdict::retained);
    CHECK_THAT(estimate.why, Catch::Contains("the load was not steady"));
}

TEST_CASE("recordings of real services are judged by what is known of them")
{
    SECTION("descriptors")
    {
        const auto before = read_trace("socket-leak-before-1");
        const auto leak = judge_trace(before, before.fds);
        INFO(leak.why);
        CHECK(leak.verdict == LeakVerdict::suspected);
        CHECK(std::abs(leak.residual.residual.value - before.triggers) <= 2);
        const auto after = read_trace("socket-leak-after-1");
        CHECK(judge_trace(after, after.fds).verdict == LeakVerdict::no_leak);
    }
    SECTION("a heap leak shows in resident memory")
    {
        const auto trace = read_trace("heap-leak-before-1");
        const auto leak = judge_trace(trace, trace.rss);
        INFO(leak.why);
        CHECK(leak.verdict == LeakVerdict::suspected);
        // 9.9 MB each 1000 operations, as the heap says it.
        CHECK(leak.per_1000_operations()->low < 9.9e6);
        CHECK(*leak.per_1000_operations()->high > 9.9e6);
    }
    SECTION("what keeps nothing is called no leak, by its memory neither")
    {
        for (const auto* name :
             {"heap-leak-after-1", "bounded-cache-full1", "gc-sawtooth-1", "gc-sawtooth-3", "socket-leak-after-1"}) {
            const auto trace = read_trace(name);
            for (const auto* series : {&trace.fds, &trace.rss, &trace.heap}) {
                const auto estimate = judge_trace(trace, *series);
                INFO(name << " " << series->name << ": " << estimate.why);
                CHECK_FALSE(is_leak(estimate.verdict));
            }
        }
    }
    SECTION("one cycle cannot tell a cache that fills all through it from garbage that lies about")
    {
        const auto trace = read_trace("bounded-cache-fill1");
        const auto estimate = judge_trace(trace, trace.rss);
        CHECK(estimate.verdict == LeakVerdict::unclear);
        CHECK_THAT(estimate.why, Catch::EndsWith("its collector may not have run yet"));
        CHECK_THAT(estimate.what_more, Catch::Contains("service.NAME.gc"));
    }
    SECTION("the heap right after a collection tells most")
    {
        const auto trace = read_trace("heap-leak-after-g1");
        const auto estimate = judge_trace(trace, trace.heap, true);
        INFO(estimate.why);
        CHECK(estimate.verdict == LeakVerdict::no_leak);
        CHECK(estimate.residual.upper < 2e6);
        CHECK(judge_trace(trace, trace.heap, false).residual.upper > 20e6);
    }
}

} // namespace squall::analysis
