// The claim: the schedules have the latencies of theory, so that a run against them can be judged. Virtual time alone.
#include "arrivals/open_schedule.hpp"
#include "integration/truth/closed_form.hpp"
#include "integration/truth/schedule.hpp"

#include "catch.hpp"

#include <numeric>

using namespace squall;
using namespace squall::truth;
using namespace std::chrono_literals;

namespace {

constexpr Stall hundred_of_a_second{1s, 100ms, 0s};

std::vector<Duration> latencies(Schedule& schedule, Rate rate, Duration length, arrivals::Gaps gaps)
{
    arrivals::OpenSchedule arriving({{length, rate, rate}}, length, gaps, Random(2026));
    std::vector<Duration> result;
    while (const auto at = arriving.next()) {
        result.push_back(schedule.release(*at) - *at);
    }
    return result;
}

std::vector<Duration> uniform(Schedule& schedule, Rate rate, Duration length)
{
    return latencies(schedule, rate, length, arrivals::Gaps::constant);
}

double milliseconds(Duration value)
{
    return to_seconds(value) * 1e3;
}

Approx about(Duration value)
{
    return Approx(milliseconds(value)).epsilon(0);
}

} // namespace

TEST_CASE("held requests that are released together wait as the formula says")
{
    const auto rate = Rate::per_second(100'000);
    StallDelayed schedule(hundred_of_a_second, 1ms);
    const auto found = uniform(schedule, rate, 10s);
    const std::vector<std::pair<double, double>> table{{50, 1}, {90, 1}, {95, 51}, {99, 91}, {99.9, 100}, {100, 101}};
    for (const auto& [percent, expected] : table) {
        CAPTURE(percent);
        const auto p = Percentile::of(percent);
        CHECK(milliseconds(stall_delayed_quantile(p, 1s, 100ms, 1ms)) == Approx(expected).margin(1e-5));
        CHECK(milliseconds(quantile_of(found, p)) == Approx(expected).margin(0.011)); // 1/R
    }
}

TEST_CASE("a stall before a first-in-first-out server drains as the formula says")
{
    const auto rate = Rate::per_second(10'000);
    StallFifo schedule(hundred_of_a_second, 40us);
    const auto found = uniform(schedule, rate, 10s);
    for (const double percent : {50.0, 80.0, 85.0, 90.0, 95.0, 99.0, 99.9}) {
        CAPTURE(percent);
        const auto p = Percentile::of(percent);
        CHECK(milliseconds(quantile_of(found, p)) == about(stall_fifo_quantile(p, 1s, 100ms, 40us, rate)).margin(0.15));
    }
    // S/(1 − ρ) = 167 ms of each second are disturbed.
    CHECK(quantile_of(found, Percentile::of(83)) == 40us);
    CHECK(quantile_of(found, Percentile::of(84)) > 40us);
}

TEST_CASE("the stall stops what has begun")
{
    StallFifo schedule({1s, 100ms, 500ms}, 10ms);
    CHECK(schedule.release(480ms) == 490ms);
    CHECK(schedule.release(495ms) == 605ms);
    CHECK(schedule.release(520ms) == 615ms);
    CHECK(schedule.release(700ms) == 710ms);
    CHECK(schedule.release(1500ms) == 1610ms);
}

TEST_CASE("an overloaded server's queue grows as the formula says")
{
    const auto rate = Rate::per_second(2'000);
    ConstantQueue schedule(600us);
    const auto found = uniform(schedule, rate, 2s);
    for (const double percent : {10.0, 50.0, 90.0, 99.0, 100.0}) {
        CAPTURE(percent);
        const auto p = Percentile::of(percent);
        CHECK(milliseconds(quantile_of(found, p) - 600us) ==
              about(overload_wait_quantile(p, 2s, 600us, rate)).margin(0.5));
    }
    CHECK(milliseconds(overload_wait_quantile(Percentile::of(50), 2s, 600us, rate)) == Approx(200));
}

TEST_CASE("M/D/1 waits as Erlang's formula and its table say")
{
    struct Row {
        double load, p50, p90, p99;
    };
    for (const auto& row : {Row{.5, 0, 1.516, 3.336}, Row{.8, 1.276, 5.012, 10.356}, Row{.9, 3.013, 10.783, 21.898}}) {
        CAPTURE(row.load);
        constexpr Duration service = 1ms;
        const auto rate = Rate::per_second(row.load * 1000);
        ConstantQueue schedule(service);
        auto found = latencies(schedule, rate, 4000s, arrivals::Gaps::poisson);
        for (const auto& [percent, expected] : {std::pair{50.0, row.p50}, {90.0, row.p90}, {99.0, row.p99}}) {
            CAPTURE(percent);
            const auto p = Percentile::of(percent);
            CHECK(milliseconds(md1_wait_quantile(p, service, rate)) == Approx(expected).margin(0.001));
            CHECK(milliseconds(quantile_of(found, p) - service) == Approx(expected).epsilon(0.04).margin(0.002));
        }
        const auto sum = std::accumulate(found.begin(), found.end(), Duration::zero());
        const auto mean = sum / static_cast<std::int64_t>(found.size()) - service;
        CHECK(milliseconds(mean) == Approx(milliseconds(md1_mean_wait(service, rate))).epsilon(0.03));
    }
}

TEST_CASE("exponential service takes the time of M/M/1 with one server and of M/M/∞ with any number")
{
    const auto rate = Rate::per_second(500);
    ExponentialQueue one(1ms, Random(1));
    ExponentialServers many(4ms, Random(2));
    const auto queued = latencies(one, rate, 4000s, arrivals::Gaps::poisson);
    const auto served = latencies(many, rate, 4000s, arrivals::Gaps::poisson);
    for (const double percent : {10.0, 50.0, 90.0, 99.0, 99.9}) {
        CAPTURE(percent);
        const auto p = Percentile::of(percent);
        CHECK(milliseconds(quantile_of(queued, p)) == about(mm1_quantile(p, 1ms, rate)).epsilon(0.03));
        CHECK(milliseconds(quantile_of(served, p)) == about(exponential_quantile(p, 4ms)).epsilon(0.02));
    }
}

TEST_CASE("the slow share is slow and the rest is not")
{
    FractionSlow schedule(Ratio::of(0.05), 1ms, 80ms, Random(3));
    const auto found = uniform(schedule, Rate::per_second(10'000), 100s);
    CHECK(quantile_of(found, Percentile::of(94.8)) == 1ms);
    CHECK(quantile_of(found, Percentile::of(95.2)) == 80ms);
}
