#include "arrivals/open_schedule.hpp"

#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

using namespace std::chrono_literals;
using squall::Duration;
using squall::Random;
using squall::Rate;
using squall::to_seconds;
using squall::arrivals::Gaps;
using squall::arrivals::OpenSchedule;
using squall::arrivals::RateStage;

namespace {

RateStage stage(Duration length, double from, double to)
{
    return {length, Rate::per_second(from), Rate::per_second(to)};
}

std::vector<Duration> all_of(OpenSchedule schedule)
{
    std::vector<Duration> arrivals;
    while (const auto next = schedule.next()) {
        arrivals.push_back(*next);
    }
    return arrivals;
}

std::vector<Duration> constant(const std::vector<RateStage>& stages, Duration length, double scale = 1)
{
    return all_of(OpenSchedule(stages, length, Gaps::constant, Random(1), scale));
}

std::vector<Duration> poisson(const std::vector<RateStage>& stages, Duration length, std::uint64_t seed,
                              double scale = 1)
{
    return all_of(OpenSchedule(stages, length, Gaps::poisson, Random(seed), scale));
}

std::size_t count_between(const std::vector<Duration>& arrivals, Duration begin, Duration end)
{
    return static_cast<std::size_t>(
        std::count_if(arrivals.begin(), arrivals.end(), [&](Duration at) { return at >= begin && at < end; }));
}

/// The integral of the rate up to `at`, by a way of its own: many thin slices.
double integral(const std::vector<RateStage>& stages, Duration at)
{
    double total = 0;
    Duration begin{};
    for (const auto& part : stages) {
        const auto within = std::clamp(at - begin, Duration::zero(), part.length);
        constexpr int slices = 1000;
        for (int i = 0; i < slices; ++i) {
            const double middle = (i + 0.5) / slices * to_seconds(within) / to_seconds(part.length);
            total += (part.from.per_second() + (part.to.per_second() - part.from.per_second()) * middle) *
                     to_seconds(within) / slices;
        }
        begin += part.length;
    }
    return total;
}

const std::vector<RateStage> hill{stage(10s, 0, 100), stage(5s, 100, 100), stage(10s, 100, 20), stage(5s, 20, 0)};

} // namespace

TEST_CASE("constant arrivals")
{
    SECTION("are spaced by exactly the rate's reciprocal over a million arrivals, without drift")
    {
        OpenSchedule schedule({stage(1h, 1000, 1000)}, 1h, Gaps::constant, Random(1));
        for (std::int64_t k = 0; k < 1'000'000; ++k) {
            const auto at = schedule.next();
            REQUIRE(at);
            REQUIRE(at->count() == k * 1'000'000);
        }
    }
    SECTION("also at a rate whose reciprocal is no whole number of nanoseconds: within half a one")
    {
        OpenSchedule schedule({stage(24h, 7, 7)}, 24h, Gaps::constant, Random(1));
        for (std::int64_t k = 0; k < 600'000; ++k) {
            const auto at = schedule.next();
            REQUIRE(at);
            REQUIRE(std::abs(at->count() - (k * 1'000'000'000 + 3) / 7) <= 1);
        }
    }
    SECTION("are rate times length in number, the first at once and none at the end")
    {
        for (const double rate : {0.5, 1.0, 3.0, 10.0, 200.0, 333.0, 12345.0}) {
            INFO("rate " << rate);
            const auto arrivals = constant({stage(10s, rate, rate)}, 10s);
            CHECK(arrivals.size() == static_cast<std::size_t>(std::llround(rate * 10)));
            CHECK(arrivals.front() == 0s);
            CHECK(arrivals.back() < 10s);
        }
    }
    SECTION("do not depend on the seed")
    {
        const std::vector<RateStage> stages{stage(3s, 50, 50)};
        CHECK(all_of(OpenSchedule(stages, 3s, Gaps::constant, Random(1))) ==
              all_of(OpenSchedule(stages, 3s, Gaps::constant, Random(2))));
    }
    SECTION("stop for good when the phase is over")
    {
        OpenSchedule schedule({stage(1s, 2, 2)}, 1s, Gaps::constant, Random(1));
        CHECK(schedule.next());
        CHECK(schedule.next());
        for (int i = 0; i < 10; ++i) {
            CHECK(!schedule.next());
        }
    }
}

TEST_CASE("no arrival at a rate of zero")
{
    CHECK(constant({stage(1h, 0, 0)}, 1h).empty());
    CHECK(poisson({stage(1h, 0, 0)}, 1h, 1).empty());
    CHECK(constant({}, 1h).empty());
    CHECK(constant({stage(1h, 10, 10)}, 0s).empty());

    SECTION("and a pause between two stages stays empty")
    {
        const std::vector<RateStage> stages{stage(2s, 10, 10), stage(3s, 0, 0), stage(2s, 10, 10)};
        const auto even = constant(stages, 7s);
        CHECK(even.size() == 40);
        CHECK(count_between(even, 2s, 5s) == 0);
        CHECK(count_between(even, 5s, 7s) == 20);
        CHECK(count_between(poisson(stages, 7s, 3), 2s, 5s) == 0);
    }
}

TEST_CASE("staged arrivals follow the integrated rate")
{
    SECTION("the k-th constant arrival falls where the integral reaches k")
    {
        const auto arrivals = constant(hill, 30s);
        CHECK(arrivals.size() == Approx(integral(hill, 30s)).margin(1));
        for (std::size_t k = 0; k < arrivals.size(); k += 37) {
            INFO("arrival " << k);
            CHECK(integral(hill, arrivals[k]) == Approx(static_cast<double>(k)).margin(0.01));
        }
    }
    SECTION("Poisson arrivals have the integral's mean in every stage")
    {
        double first = 0;
        double second = 0;
        double third = 0;
        constexpr int runs = 200;
        for (int seed = 0; seed < runs; ++seed) {
            const auto arrivals = poisson(hill, 30s, static_cast<std::uint64_t>(seed));
            first += static_cast<double>(count_between(arrivals, 0s, 5s)) / runs;
            second += static_cast<double>(count_between(arrivals, 10s, 15s)) / runs;
            third += static_cast<double>(count_between(arrivals, 15s, 25s)) / runs;
        }
        // Five standard errors of a Poisson mean over the runs.
        CHECK(first == Approx(125).margin(5 * std::sqrt(125.0 / runs)));
        CHECK(second == Approx(500).margin(5 * std::sqrt(500.0 / runs)));
        CHECK(third == Approx(600).margin(5 * std::sqrt(600.0 / runs)));
    }
    SECTION("a stage without length is a jump of the rate")
    {
        const auto arrivals = constant({stage(0s, 0, 50), stage(2s, 50, 50), stage(0s, 50, 5), stage(2s, 5, 5)}, 4s);
        CHECK(count_between(arrivals, 0s, 2s) == 100);
        CHECK(count_between(arrivals, 2s, 4s) == 10);
    }
    SECTION("stages that are longer than the phase are cut at its end")
    {
        const auto arrivals = constant(hill, 12s);
        CHECK(arrivals.size() == Approx(700).margin(1));
        CHECK(arrivals.back() < 12s);
    }
}

TEST_CASE("Poisson arrivals")
{
    SECTION("are the same for the same seed and others for another")
    {
        const std::vector<RateStage> stages{stage(10s, 100, 100)};
        CHECK(poisson(stages, 10s, 7) == poisson(stages, 10s, 7));
        CHECK(poisson(stages, 10s, 7) != poisson(stages, 10s, 8));
    }
    SECTION("have exponential gaps: their mean is 1/rate, their coefficient of variation 1, a third of them above it")
    {
        for (std::uint64_t seed = 1; seed <= 5; ++seed) {
            INFO("seed " << seed);
            const auto arrivals = poisson({stage(200s, 500, 500)}, 200s, seed);
            double sum = 0;
            double squares = 0;
            double above = 0;
            for (std::size_t i = 1; i < arrivals.size(); ++i) {
                const double gap = to_seconds(arrivals[i] - arrivals[i - 1]);
                sum += gap;
                squares += gap * gap;
                above += gap > 0.002 ? 1 : 0;
            }
            const auto n = static_cast<double>(arrivals.size() - 1);
            const double mean = sum / n;
            CHECK(mean == Approx(0.002).epsilon(0.02));
            CHECK(std::sqrt(squares / n - mean * mean) / mean == Approx(1).epsilon(0.03));
            CHECK(above / n == Approx(std::exp(-1)).epsilon(0.03));
        }
    }
    SECTION("are a Poisson number: mean and variance of the count are both rate times length")
    {
        double sum = 0;
        double squares = 0;
        constexpr int runs = 2000;
        for (int seed = 0; seed < runs; ++seed) {
            const auto count =
                static_cast<double>(poisson({stage(2s, 50, 50)}, 2s, static_cast<std::uint64_t>(seed)).size());
            sum += count;
            squares += count * count;
        }
        const double mean = sum / runs;
        CHECK(mean == Approx(100).margin(5 * std::sqrt(100.0 / runs)));
        CHECK(squares / runs - mean * mean == Approx(100).epsilon(0.2));
    }
}

TEST_CASE("a scale multiplies every rate")
{
    CHECK(constant({stage(10s, 100, 100)}, 10s, 1.5).size() == 1500);
    CHECK(constant(hill, 30s, 1.5).size() == Approx(1.5 * integral(hill, 30s)).margin(1));
    const auto count = static_cast<double>(poisson({stage(100s, 100, 100)}, 100s, 1, 1.5).size());
    CHECK(count == Approx(15'000).margin(5 * std::sqrt(15'000.0)));
}

TEST_CASE("arrivals never go back and never leave the phase, whatever the stages")
{
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        INFO("seed " << seed);
        Random random(seed);
        std::vector<RateStage> stages;
        Duration total{};
        const auto parts = random.between(1, 6);
        for (std::int64_t i = 0; i < parts; ++i) {
            const auto any_rate = [&] { return random.uniform() < 0.3 ? 0.0 : random.uniform() * 2000; };
            stages.push_back(stage(Duration(random.between(0, 1'000'000'000)), any_rate(), any_rate()));
            total += stages.back().length;
        }
        const auto length = total - Duration(random.between(0, total.count() / 4));
        const auto gaps = seed % 2 == 0 ? Gaps::constant : Gaps::poisson;
        const auto arrivals = all_of(OpenSchedule(stages, length, gaps, Random(seed), 0.5 + random.uniform()));
        CHECK(std::is_sorted(arrivals.begin(), arrivals.end()));
        if (!arrivals.empty()) {
            CHECK(arrivals.front() >= 0s);
            CHECK(arrivals.back() < length);
        }
    }
}
