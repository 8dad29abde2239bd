#include "analysis/attribution.hpp"
#include "analysis/dose_regression.hpp"
#include "unit/analysis/simulation.hpp"

#include "catch.hpp"

#include <array>
#include <cmath>

namespace squall::analysis {
namespace {

const std::vector<double> minutes{1.0 / 60, 1.0 / 60, 1.0 / 60, 1.0 / 60, 1.0 / 60, 8.0 / 60};

/// How often two steps happen a minute when their mix is varied from cycle to cycle.
const std::vector<double> logins{140, 60, 140, 60, 100, 800};
const std::vector<double> meals{420, 420, 180, 180, 300, 2400};

double poisson(Random& random, double mean)
{
    double count = 0;
    for (double at = random.exponential(1); at < mean; at += random.exponential(1)) {
        ++count;
    }
    return count;
}

std::vector<double> kept_of(const std::vector<double>& events, double chance, Random random)
{
    std::vector<double> kept;
    for (const double count : events) {
        kept.push_back(poisson(random, count * chance));
    }
    return kept;
}

} // namespace

TEST_CASE(
    "over cycles of a varied mix the cause is told from what happened beside it, and from time, nine times in ten")
{
    int told = 0;
    int false_alarms = 0;
    constexpr int seeds = 500;
    for (int seed = 0; seed < seeds; ++seed) {
        const auto kept = kept_of(logins, 0.3, Random(7).stream("doses", static_cast<std::uint64_t>(seed)));
        const auto by_logins = fit_doses(GaugeKind::count, kept, logins, minutes);
        const auto by_meals = fit_doses(GaugeKind::count, kept, meals, minutes);
        REQUIRE(by_logins);
        REQUIRE(by_meals);
        told += by_logins->likelihood > 3 && by_logins->likelihood > by_meals->likelihood + 3 ? 1 : 0;
        false_alarms += by_meals->likelihood > 3 ? 1 : 0;
        CHECK(by_logins->dose == Approx(0.3).epsilon(0.5));
    }
    CHECK(told >= 0.88 * seeds);
    CHECK(false_alarms <= 0.02 * seeds);
}

TEST_CASE("what leaks with time follows no step")
{
    int false_alarms = 0;
    constexpr int seeds = 500;
    for (int seed = 0; seed < seeds; ++seed) {
        std::vector<double> events(minutes.size());
        std::ranges::transform(minutes, events.begin(), [](double hours) { return hours * 6000; });
        const auto kept = kept_of(events, 0.3, Random(8).stream("doses", static_cast<std::uint64_t>(seed)));
        const auto fit = fit_doses(GaugeKind::count, kept, logins, minutes);
        false_alarms += fit && fit->likelihood > 3 ? 1 : 0;
    }
    CHECK(false_alarms <= 0.01 * seeds);
}

TEST_CASE("memory is followed to a step over cycles")
{
    std::vector<double> kept;
    double noise = 30e3;
    for (const double count : logins) {
        kept.push_back(10e3 * count + (noise = -noise));
    }
    const auto by_logins = fit_doses(GaugeKind::memory, kept, logins, minutes);
    const auto by_meals = fit_doses(GaugeKind::memory, kept, meals, minutes);
    REQUIRE(by_logins);
    CHECK(by_logins->dose == Approx(10e3).epsilon(0.02));
    CHECK(by_logins->likelihood > 3);
    CHECK(by_logins->correlation > 0.99);
    CHECK(by_logins->likelihood > by_meals->likelihood + 3);
}

TEST_CASE("too few cycles, and causes that never came, say nothing")
{
    const std::array three{1.0, 1.0, 1.0};
    CHECK_FALSE(fit_doses(GaugeKind::count, three, three, three));
    const std::vector<double> never(6, 0);
    const std::vector<double> kept{1, 2, 3, 1, 2, 9};
    CHECK_FALSE(fit_doses(GaugeKind::count, kept, never, minutes));
    CHECK_FALSE(fit_doses(GaugeKind::count, never, kept, minutes));
}

TEST_CASE("a gauge is followed over its cycles where one load says nothing")
{
    // Both steps at a constant pace within each load: only the mix between the loads tells them apart.
    constexpr double length = 60;
    constexpr double pause = 10;
    GaugeSeries series{"api.heap_used", GaugeKind::memory, {}};
    Candidate login{"login", "401", {}};
    Candidate meal{"meals", "200", {}};
    std::vector<CycleDose> cycles;
    double at = 0;
    double login_count = 0;
    double meal_count = 0;
    for (std::size_t cycle = 0; cycle < 5; ++cycle) {
        for (double second = 0; second < length + pause; ++second) {
            login_count += second < length ? logins[cycle] / length : 0;
            meal_count += second < length ? meals[cycle] / length : 0;
            login.cumulative.push_back(login_count);
            meal.cumulative.push_back(meal_count);
        }
        cycles.push_back({{measure::Phase::load, 30 + at, 30 + at + length}, logins[cycle] * 24e3});
        at += length + pause;
    }
    const std::vector<Candidate> candidates{meal, login};
    AttributionInput input{series, cycles.back().load, candidates, 24e3 * login_count, cycles, 30.0};
    const auto answer = attribute(input);
    REQUIRE(answer.answer == Attribution::Answer::named);
    CHECK(answer.text == "23.4 KiB per login (401)");
    CHECK(answer.suspects.front().count == Approx(500));
    input.cycles = std::span(cycles).first(3);
    CHECK(attribute(input).text == "memory is followed to a step over several cycles only");
}

} // namespace squall::analysis
