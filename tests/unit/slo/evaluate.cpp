#include "slo/evaluate.hpp"

#include "catch.hpp"

#include <algorithm>

namespace squall::slo {
namespace {

using analysis::GaugeKind;
using analysis::LeakVerdict;
using measure::Histogram;

Histogram histogram(std::initializer_list<int> milliseconds)
{
    Histogram made;
    for (const int value : milliseconds) {
        made.record(std::chrono::milliseconds(value));
    }
    return made;
}

/// A minute of load: ten logins from 10 to 100 ms, one of which failed.
struct Minute {
    Histogram response = histogram({10, 20, 30, 40, 50, 60, 70, 80, 90, 100});
    Histogram service = histogram({5, 5, 5, 5, 5, 5, 5, 5, 5, 9});
    Histogram lag = histogram({1});
    Facts facts;

    Minute()
    {
        facts.load_seconds = 60;
        facts.all = {&response, &service, &lag, 10, 1, {{"timeout", 1}}};
        facts.steps["login"] = facts.all;
        facts.steps["idle"] = {};
    }
};

Verdict judge(std::string_view text, const Facts& facts)
{
    const auto check = parse(text);
    INFO(text << ": " << (check ? "" : check.error().message));
    REQUIRE(check.has_value());
    return evaluate(*check, facts);
}

Outcome outcome(std::string_view text, const Facts& facts)
{
    return judge(text, facts).outcome;
}

/// What estimator B says of a gauge that held `before` and, after `hours` of load, `after`.
analysis::LeakEstimate leak(double before, double after, double hours = 1.0 / 60, GaugeKind kind = GaugeKind::count)
{
    using measure::Phase;
    const double load_end = 12 + hours * 3600;
    analysis::GaugeSeries series{"postgres.connections", kind, {}};
    for (double at = 0; at < 12; at += 0.25) {
        series.points.push_back({at, before});
        series.points.push_back({at + load_end, after});
    }
    for (double at = 12; at < load_end; at += load_end / 400) { // all of it held from the start on
        series.points.push_back({at, std::max(before, after)});
    }
    std::ranges::sort(series.points, {}, &analysis::GaugePoint::at_seconds);
    const std::vector<analysis::PhaseSpan> phases{
        {Phase::settle, 0, 12}, {Phase::load, 12, load_end}, {Phase::quiesce, load_end, load_end + 12}};
    const std::vector<analysis::LeakCycle> cycles{{phases[1], analysis::Rest{phases[2]}, 10'000}};
    return analysis::estimate_leak({series, analysis::Rest{phases[0]}, cycles});
}

Facts with_leak(analysis::LeakEstimate estimate)
{
    Facts facts;
    facts.load_seconds = 60;
    facts.leaks.emplace("postgres.connections", std::move(estimate));
    return facts;
}

Facts with_gauge(std::vector<analysis::GaugePoint> points, const char* name = "postgres.connections")
{
    Facts facts;
    facts.load_seconds = 60;
    facts.gauges[name] = {name, analysis::kind_of(name), std::move(points)};
    return facts;
}

} // namespace

TEST_CASE("latencies are held against their bound")
{
    const Minute minute;
    const auto verdict = judge("response_time.p90 < 95ms", minute.facts);
    CHECK(verdict.outcome == Outcome::met);
    CHECK(verdict.measured == "90.0ms");
    CHECK(verdict.bound == "< 95ms");
    CHECK(verdict.expression == "response_time.p90 < 95ms");
    CHECK(outcome("response_time.p99 < 95ms", minute.facts) == Outcome::missed);
    CHECK(outcome("response_time[login].p50 < 51ms", minute.facts) == Outcome::met);
    CHECK(outcome("response_time[login].p50 < 49ms", minute.facts) == Outcome::missed);
    CHECK(outcome("response_time.mean <= 55ms", minute.facts) == Outcome::met);
    CHECK(outcome("response_time.max == 100ms", minute.facts) == Outcome::met);
    CHECK(outcome("response_time.min > 10ms", minute.facts) == Outcome::missed);
    CHECK(outcome("service_time.max < 10ms", minute.facts) == Outcome::met);
    CHECK(outcome("send_lag.p99 < 2ms", minute.facts) == Outcome::met);
}

TEST_CASE("requests that were given up can break a limit and never keep it")
{
    Minute minute;
    minute.facts.all.censored = 2; // the two slowest, of 90 and 100 ms
    minute.facts.steps["login"] = minute.facts.all;
    const auto verdict = judge("response_time.p90 < 5s", minute.facts);
    CHECK(verdict.outcome == Outcome::missed);
    CHECK(verdict.measured == "≥ 90.0ms");
    CHECK(verdict.why == "2 of 10 requests were given up before an answer: nobody knows how slow they are");
    CHECK(outcome("response_time[login].p90 < 5s", minute.facts) == Outcome::missed);
    CHECK(outcome("service_time.max < 5s", minute.facts) == Outcome::missed);
    CHECK(judge("response_time.p90 < 80ms", minute.facts).measured == "90.0ms"); // missed as it stands
    CHECK(outcome("response_time.p80 < 5s", minute.facts) == Outcome::met);      // the eighth of ten is known
    CHECK(outcome("response_time.p90 > 85ms", minute.facts) == Outcome::met);
    CHECK(outcome("send_lag.max < 5s", minute.facts) == Outcome::met);
}

TEST_CASE("with one population a dropped arrival is missing from each of its steps")
{
    Minute minute;
    minute.facts.dropped = 10;
    CHECK(outcome("response_time[login].p50 < 55ms", minute.facts) == Outcome::met);
    minute.facts.one_population = true;
    const auto verdict = judge("response_time[login].p50 < 55ms", minute.facts);
    CHECK(verdict.outcome == Outcome::missed);
    CHECK(verdict.measured == "100ms");
    CHECK(outcome("service_time[login].p50 < 55ms", minute.facts) == Outcome::met);
}

TEST_CASE("requests, errors and their shares are counted")
{
    Minute minute;
    const auto rate = judge("error_rate < 1%", minute.facts);
    CHECK(rate.outcome == Outcome::missed);
    CHECK(rate.measured == "10%");
    CHECK(rate.why == "1 of 10 requests failed");
    CHECK(outcome("error_rate[login] <= 10%", minute.facts) == Outcome::met);
    CHECK(outcome("errors == 1", minute.facts) == Outcome::met);
    CHECK(outcome("errors[timeout] == 0", minute.facts) == Outcome::missed);
    CHECK(outcome("errors[dns] == 0", minute.facts) == Outcome::met);
    CHECK(outcome("requests >= 10", minute.facts) == Outcome::met);
    CHECK(outcome("requests > 10", minute.facts) == Outcome::missed);
    CHECK(judge("throughput > 0.1/s", minute.facts).measured == "0.17/s");
    CHECK(outcome("throughput[login] > 1/s", minute.facts) == Outcome::missed);
    CHECK(outcome("dropped == 0", minute.facts) == Outcome::met);
    minute.facts.dropped = 3;
    CHECK(outcome("dropped == 0", minute.facts) == Outcome::missed);
}

TEST_CASE("nothing is met for want of data")
{
    const Minute minute;
    for (const auto* text : {"response_time[idle].p99 < 1h", "error_rate[idle] < 100%", "throughput[idle] < 1/s",
                             "response_time[idle].mean < 1h"}) {
        INFO(text);
        const auto verdict = judge(text, minute.facts);
        CHECK(verdict.outcome == Outcome::missed);
        CHECK(verdict.why == "no samples");
    }
    const Facts nothing;
    for (const auto* text : {"response_time.p99 < 1h", "error_rate < 100%", "errors == 0", "dropped == 0",
                             "requests < 5", "throughput < 1/s", "gauge[x].max < 5", "leak[x] < 1/h"}) {
        INFO(text);
        CHECK(outcome(text, nothing) == Outcome::missed);
    }
}

TEST_CASE("a step that nobody knows is missed, with those that are known")
{
    const Minute minute;
    const auto verdict = judge("response_time[chat].p99 < 1s", minute.facts);
    CHECK(verdict.outcome == Outcome::missed);
    CHECK(verdict.why == "no step \"chat\" was measured; known: idle, login");
}

TEST_CASE("dropped arrivals count as the slowest of all")
{
    Minute minute;
    minute.facts.dropped = 1; // the 11th of 11
    CHECK(judge("response_time.p50 < 55ms", minute.facts).measured == "60.0ms");
    const auto tail = judge("response_time.p99 < 10s", minute.facts);
    CHECK(tail.outcome == Outcome::missed);
    CHECK(tail.why == "1 dropped arrivals count as slower than all others: they reach down to this percentile");
    CHECK(outcome("response_time.max < 10s", minute.facts) == Outcome::missed);
    CHECK(outcome("response_time.mean < 10s", minute.facts) == Outcome::missed);
    CHECK(outcome("service_time.p99 < 10s", minute.facts) == Outcome::met);
    CHECK(outcome("response_time[login].p99 < 10s", minute.facts) == Outcome::met);
}

TEST_CASE("gauges are judged by what they did during the load")
{
    const auto facts = with_gauge({{1, 10}, {2, 217}, {3, 40}, {4, 33}});
    const auto most = judge("gauge[postgres.connections].max <= 120", facts);
    CHECK(most.outcome == Outcome::missed);
    CHECK(most.measured == "217");
    CHECK(outcome("gauge[postgres.connections].max <= 217", facts) == Outcome::met);
    CHECK(outcome("gauge[postgres.connections].min == 10", facts) == Outcome::met);
    CHECK(outcome("gauge[postgres.connections].last == 33", facts) == Outcome::met);
    CHECK(outcome("gauge[postgres.connections].mean == 75", facts) == Outcome::met);
    CHECK(judge("gauge[target.rss].max < 50MiB", with_gauge({{1, 60.0 * 1024 * 1024}}, "target.rss")).measured ==
          "60.0 MiB");
    CHECK(judge("gauge[postgres.connections].max < 9", with_gauge({})).why == "no samples");
}

TEST_CASE("a gauge that was never measured is missed, with those that were")
{
    const auto verdict = judge("gauge[kafka.lag].max < 1", with_gauge({{1, 2}}));
    CHECK(verdict.outcome == Outcome::missed);
    CHECK(verdict.why == "no such gauge was measured: kafka.lag; known: postgres.connections");
    CHECK(judge("gauge[postgres.connections/kafka.max].max < 1", with_gauge({{1, 2}})).why ==
          "no such gauge was measured: kafka.max; known: postgres.connections");
    CHECK(judge("leak[kafka.lag] < 1/h", with_gauge({{1, 2}})).outcome == Outcome::missed);
}

TEST_CASE("a share of two gauges is taken moment by moment")
{
    auto facts = with_gauge({{1, 10}, {2, 90}, {3, 40}}, "pool.in_use");
    facts.gauges["pool.max"] = {"pool.max", GaugeKind::count, {{1.1, 100}, {2.1, 200}, {3.1, 50}}};
    const auto verdict = judge("gauge[pool.in_use/pool.max].max < 80%", facts);
    CHECK(verdict.outcome == Outcome::missed);
    CHECK(verdict.measured == "80%");
    CHECK(outcome("gauge[pool.in_use/pool.max].min == 10%", facts) == Outcome::met);
    SECTION("more than all is shown as it is")
    {
        facts.gauges["pool.max"].points = {{2, 40}};
        CHECK(judge("gauge[pool.in_use/pool.max].max < 80%", facts).measured == "225%");
    }
    SECTION("a divisor of 0, and one read at another time, give nothing")
    {
        facts.gauges["pool.max"].points = {{1, 0}, {2, 0}, {3, 0}};
        CHECK(judge("gauge[pool.in_use/pool.max].max < 80%", facts).why == "no samples");
        facts.gauges["pool.max"].points = {{30, 100}};
        CHECK(judge("gauge[pool.in_use/pool.max].max < 80%", facts).why == "no samples");
    }
}

TEST_CASE("growth is the settled level after the load against the one before")
{
    auto facts = with_gauge({{1, 500}, {2, 900}});
    facts.leaks.emplace("postgres.connections", leak(13, 230));
    const auto verdict = judge("gauge[postgres.connections].growth < 100", facts);
    CHECK(verdict.outcome == Outcome::missed);
    CHECK(verdict.measured == "217");
    CHECK(verdict.why == "from 13 before the load to 230 after quiesce");
    SECTION("without settled levels it is that of the load, and says so")
    {
        facts.leaks.clear();
        const auto rough = judge("gauge[postgres.connections].growth < 401", facts);
        CHECK(rough.outcome == Outcome::met);
        CHECK(rough.measured == "400");
        CHECK(rough.why == "from the begin of the load to its end: there is no settled level on both sides of it");
    }
}

TEST_CASE("a clean minute does not show that less than one an hour leaks")
{
    const auto verdict = judge("leak[postgres.connections] < 1/h", with_leak(leak(12, 12)));
    CHECK(verdict.outcome == Outcome::not_shown);
    CHECK(verdict.measured == "< 180/h at 95 %");
    CHECK(verdict.why == "reached after 1m of load; showing < 1/h takes 3.0 h of load without a leak");
    SECTION("by operations")
    {
        const auto by_operations = judge("leak[postgres.connections] < 0.1/1000ops", with_leak(leak(12, 12)));
        CHECK(by_operations.outcome == Outcome::not_shown);
        CHECK(by_operations.measured == "< 0.30/1000ops at 95 %");
        CHECK(by_operations.why ==
              "reached after 10,000 operations; showing < 0.1/1000ops takes 29,957 operations without a leak");
    }
    SECTION("certified demands more")
    {
        const auto certified = judge("leak[postgres.connections] < 1/h certified", with_leak(leak(12, 12)));
        CHECK(certified.outcome == Outcome::missed);
        CHECK(certified.why.ends_with("; certified demands proof"));
    }
    SECTION("a bound that a minute can show is met, certified or not")
    {
        CHECK(outcome("leak[postgres.connections] < 180/h", with_leak(leak(12, 12))) == Outcome::met);
        CHECK(outcome("leak[postgres.connections] < 180/h certified", with_leak(leak(12, 12))) == Outcome::met);
        CHECK(outcome("leak[postgres.connections] < 179/h", with_leak(leak(12, 12))) == Outcome::not_shown);
        CHECK(outcome("leak[postgres.connections] < 0.3/1000ops", with_leak(leak(12, 12))) == Outcome::met);
    }
    SECTION("three hours and a little do")
    {
        CHECK(outcome("leak[postgres.connections] < 1/h", with_leak(leak(12, 12, 2.9))) == Outcome::not_shown);
        CHECK(outcome("leak[postgres.connections] < 1/h certified", with_leak(leak(12, 12, 3.0))) == Outcome::met);
    }
}

TEST_CASE("a leak above its bound is missed with its rate and interval")
{
    const auto verdict = judge("leak[postgres.connections] < 1/h", with_leak(leak(13, 230)));
    CHECK(verdict.outcome == Outcome::missed);
    CHECK(verdict.measured == "13,020/h (11,345 to 14,872)");
    CHECK(verdict.why ==
          "230 held after quiesce, 13 before the load; under load: no growth beyond its own noise (t = 0.0, 4.6 "
          "needed)");
    SECTION("a bound inside the interval is not shown, though something was kept")
    {
        const auto inside = judge("leak[postgres.connections] < 13000/h", with_leak(leak(13, 230)));
        CHECK(inside.outcome == Outcome::not_shown);
        CHECK_THAT(inside.why, Catch::StartsWith("230 held after quiesce, 13 before the load"));
        CHECK_THAT(inside.why, Catch::EndsWith("the interval holds the bound"));
    }
    SECTION("a bound above the interval is met")
    {
        CHECK(outcome("leak[postgres.connections] < 20000/h", with_leak(leak(13, 230))) == Outcome::met);
    }
    SECTION("what is confirmed is missed whatever the interval")
    {
        auto estimate = leak(13, 230);
        estimate.verdict = LeakVerdict::confirmed;
        CHECK(outcome("leak[postgres.connections] < 20000/h", with_leak(estimate)) == Outcome::missed);
    }
}

TEST_CASE("a leak without enough data is not shown, with the reason and the way out")
{
    auto estimate = leak(12, 300);
    estimate.verdict = LeakVerdict::not_enough_data;
    estimate.why = "it had not settled";
    estimate.what_more = "a longer quiesce";
    const auto verdict = judge("leak[postgres.connections] < 1/h", with_leak(estimate));
    CHECK(verdict.outcome == Outcome::not_shown);
    CHECK(verdict.measured.empty());
    CHECK(verdict.why == "it had not settled; needed: a longer quiesce");
    CHECK(outcome("leak[postgres.connections] < 1/h certified", with_leak(estimate)) == Outcome::missed);
}

TEST_CASE("memory leaks are paced in bytes")
{
    constexpr double mebi = 1024.0 * 1024;
    auto facts = with_leak({});
    facts.leaks["target.rss"] = leak(100 * mebi, 130 * mebi, 1.0 / 60, GaugeKind::memory);
    const auto verdict = judge("leak[target.rss] < 10MiB/h", facts);
    CHECK(verdict.outcome == Outcome::missed);
    CHECK(verdict.measured == "1.76 GiB/h (1.76 GiB to 1.76 GiB)");
    CHECK(outcome("leak[target.rss] < 2GiB/h", facts) == Outcome::met);
}

TEST_CASE("a gauge that holds nothing cannot leak")
{
    const auto verdict = judge("leak[target.cpu] < 1/h", with_gauge({{1, 2}}, "target.cpu"));
    CHECK(verdict.outcome == Outcome::missed);
    CHECK(verdict.why == "this gauge is neither a count of things held nor memory: it cannot leak");
}

} // namespace squall::slo
