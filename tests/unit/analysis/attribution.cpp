#include "analysis/attribution.hpp"

#include "catch.hpp"
#include "simulation.hpp"

#include <algorithm>

namespace squall::analysis {
namespace {

constexpr int seeds = 500;
constexpr double load_begin = 7; // not 0: times count from the run's start

/// A service under Poisson load, with one step that keeps a connection by `chance` each time.
struct Scene {
    double seconds = 60;
    double noise_mean = 10;
    double noise_hold = 0.05;
    double chance = 1;
    bool tell_growth = true;
};

struct Traffic {
    std::vector<std::vector<double>> times;
    std::vector<Candidate> candidates;
};

Traffic traffic(const Random& random, double seconds)
{
    struct Step {
        const char* name;
        const char* outcome;
        double rate;
    };
    const Step steps[] = {
        {"login", "401", 10}, {"login", "ok", 40}, {"meals", "ok", 60}, {"meals", "timeout", 2}, {"chat", "ok", 12}};
    Traffic made;
    for (const auto& step : steps) {
        const auto index = made.times.size();
        made.times.push_back(poisson_times(random.stream("step", index), step.rate, seconds));
        made.candidates.push_back(counted(step.name, step.outcome, made.times.back(), seconds));
    }
    return made;
}

Attribution simulate(const Scene& scene, std::uint64_t seed, std::size_t leaking)
{
    const Random random(seed);
    const auto steps = traffic(random, scene.seconds);
    auto levels = in_use(random.stream("noise"), scene.noise_mean, scene.noise_hold, scene.seconds);
    double kept = 0;
    if (scene.chance > 0) {
        kept = add_leak(levels, steps.times[leaking], scene.chance, random.stream("leak"));
    }
    const auto series = series_from(levels, load_begin);
    const PhaseSpan load{measure::Phase::load, load_begin, load_begin + scene.seconds};
    return attribute({series, load, steps.candidates, scene.tell_growth ? std::optional(kept) : std::nullopt});
}

struct Score {
    int right = 0;
    int wrong = 0;
    int ambiguous = 0;
    int nothing = 0;
};

Score score(const Scene& scene, std::size_t leaking, const std::string& truth)
{
    Score result;
    for (int seed = 1; seed <= seeds; ++seed) {
        const auto answer = simulate(scene, static_cast<std::uint64_t>(seed), leaking);
        if (answer.answer == Attribution::Answer::nothing) {
            ++result.nothing;
        } else if (answer.answer == Attribution::Answer::ambiguous) {
            ++result.ambiguous;
        } else if (answer.suspects.front().name == truth) {
            ++result.right;
        } else {
            ++result.wrong;
        }
    }
    UNSCOPED_INFO("right " << result.right << " wrong " << result.wrong << " ambiguous " << result.ambiguous
                           << " nothing " << result.nothing);
    return result;
}

} // namespace

TEST_CASE("a step that leaks every time is named")
{
    SECTION("over a minute, under the noise of ten connections in use")
    {
        const auto result = score({}, 0, "login (401)");
        CHECK(result.right >= 0.95 * seeds);
        CHECK(result.wrong <= 0.01 * seeds);
    }
    SECTION("without being told how much was kept in the end")
    {
        CHECK(score({.tell_growth = false}, 0, "login (401)").right >= 0.95 * seeds);
    }
    SECTION("when it is the rarest of all")
    {
        CHECK(score({}, 3, "meals (timeout)").right >= 0.95 * seeds);
    }
    SECTION("in a load of 24 s")
    {
        CHECK(score({.seconds = 24}, 0, "login (401)").right >= 0.95 * seeds);
    }
    SECTION("under noise that stays for seconds")
    {
        CHECK(score({.noise_mean = 20, .noise_hold = 2}, 0, "login (401)").right >= 0.95 * seeds);
    }
}

TEST_CASE("a step that leaks with a chance of 0.3 is named when the load is long enough")
{
    const auto result = score({.seconds = 240, .noise_mean = 3, .chance = 0.3}, 0, "login (401)");
    CHECK(result.right >= 0.95 * seeds);
    CHECK(result.wrong <= 0.01 * seeds);
}

TEST_CASE("what is too short to tell is seldom told wrongly")
{
    CHECK(score({.noise_mean = 3, .chance = 0.3}, 0, "login (401)").wrong <= 0.02 * seeds);
}

TEST_CASE("nothing is named where nothing leaks")
{
    SECTION("connections in use for a moment")
    {
        CHECK(score({.chance = 0, .tell_growth = false}, 0, "").nothing >= 0.99 * seeds);
    }
    SECTION("connections in use for seconds, whose number wanders")
    {
        const Scene slow{.noise_mean = 20, .noise_hold = 2, .chance = 0, .tell_growth = false};
        CHECK(score(slow, 0, "").nothing >= 0.99 * seeds);
    }
}

TEST_CASE("growth that follows the clock is laid on no step")
{
    int silent = 0;
    for (int seed = 1; seed <= seeds; ++seed) {
        const Random random(static_cast<std::uint64_t>(seed));
        const auto steps = traffic(random, 60);
        auto levels = in_use(random.stream("noise"), 10, 0.05, 60);
        const auto kept = add_leak(levels, poisson_times(random.stream("clock"), 0.5, 60), 1, random.stream("leak"));
        const auto series = series_from(levels);
        const auto answer = attribute({series, {measure::Phase::load, 0, 60}, steps.candidates, kept});
        silent += answer.answer == Attribution::Answer::nothing ? 1 : 0;
    }
    CHECK(silent >= 0.97 * seeds);
}

TEST_CASE("the answer to a leak names step, outcome and dose")
{
    const auto answer = simulate({}, 11, 0);
    REQUIRE(answer.answer == Attribution::Answer::named);
    CHECK(answer.text == "1.0 per login (401)");
    const auto& suspect = answer.suspects.front();
    CHECK(suspect.per_event == Approx(1).epsilon(0.02)); // the last events fall behind the last reading
    CHECK(suspect.correlation > 0.5);
    const auto shown = to_result(answer);
    REQUIRE(shown);
    CHECK(shown->candidate == "login (401)");
    CHECK(shown->dose == suspect.count);
    CHECK(shown->per_dose == suspect.per_event);
}

TEST_CASE("steps that always happen together cannot be told apart")
{
    const Random random(3);
    const auto times = poisson_times(random.stream("step"), 10, 60);
    const std::vector<Candidate> candidates{counted("login", "ok", times, 60), counted("meals", "ok", times, 60),
                                            counted("chat", "ok", poisson_times(random.stream("other"), 10, 60), 60)};
    std::vector<double> levels(240, 5);
    const auto kept = add_leak(levels, times, 1, random.stream("leak"));
    const auto series = series_from(levels);
    const auto answer = attribute({series, {measure::Phase::load, 0, 60}, candidates, kept});
    REQUIRE(answer.answer == Attribution::Answer::ambiguous);
    CHECK(answer.text == "cannot be told apart: login (ok), meals (ok)");
    CHECK(to_result(answer)->candidate.empty());
}

TEST_CASE("of two steps that nearly always happen together the wrong one is not named")
{
    constexpr int fewer_seeds = 200;
    int wrong = 0;
    int both = 0;
    for (int seed = 1; seed <= fewer_seeds; ++seed) {
        const Random random(static_cast<std::uint64_t>(seed));
        const auto login = poisson_times(random.stream("login"), 10, 120);
        auto delay = random.stream("delay");
        std::vector<double> meals;
        for (const double at : login) {
            if (delay.uniform() < 0.97) { // a few never get so far
                meals.push_back(at + delay.exponential(0.1));
            }
        }
        std::ranges::sort(meals);
        const std::vector<Candidate> candidates{counted("login", "ok", login, 120), counted("meals", "ok", meals, 120)};
        auto levels = in_use(random.stream("noise"), 3, 0.05, 120);
        const auto kept = add_leak(levels, login, 0.3, random.stream("leak"));
        const auto series = series_from(levels);
        const auto answer = attribute({series, {measure::Phase::load, 0, 120}, candidates, kept});
        both += answer.answer == Attribution::Answer::ambiguous ? 1 : 0;
        wrong += answer.answer == Attribution::Answer::named && answer.suspects.front().name == "meals (ok)" ? 1 : 0;
    }
    CHECK(wrong <= 0.02 * fewer_seeds);
    CHECK(both >= 0.5 * fewer_seeds);
}

TEST_CASE("at a constant pace only a whole dose names a step")
{
    const auto even = [](double rate) {
        std::vector<double> times;
        for (int i = 1; i < 60 * rate; ++i) {
            times.push_back(i / rate);
        }
        return times;
    };
    const std::vector<Candidate> candidates{counted("login", "401", even(2), 60), counted("meals", "ok", even(30), 60)};
    std::vector<double> levels(240, 5);
    SECTION("one unit per event")
    {
        const auto kept = add_leak(levels, even(2), 1, Random(1));
        const auto series = series_from(levels);
        const auto answer = attribute({series, {measure::Phase::load, 0, 60}, candidates, kept});
        CHECK(answer.answer == Attribution::Answer::named);
        CHECK(answer.text == "1.0 per login (401)");
    }
    SECTION("a pace that is nobody's")
    {
        const auto kept = add_leak(levels, even(0.7), 1, Random(1));
        const auto series = series_from(levels);
        const auto answer = attribute({series, {measure::Phase::load, 0, 60}, candidates, kept});
        CHECK(answer.answer == Attribution::Answer::nothing);
        CHECK(answer.text == "it grew at a constant pace: no step is told from another by that");
    }
}

TEST_CASE("attribution asks for enough to go on")
{
    const Random random(5);
    const auto times = poisson_times(random.stream("step"), 10, 60);
    const std::vector<Candidate> candidates{counted("login", "401", times, 60)};
    std::vector<double> levels(240, 5);
    add_leak(levels, times, 1, random.stream("leak"));
    auto series = series_from(levels);
    const PhaseSpan load{measure::Phase::load, 0, 60};
    REQUIRE(attribute({series, load, candidates, 600.0}).answer == Attribution::Answer::named);

    CHECK(attribute({series, load, candidates, 4.0}).text == "it grew by less than 5");
    CHECK(attribute({series, load, {}, 600.0}).text == "no step happened often enough");
    CHECK(attribute({series, {measure::Phase::load, 0, 6}, candidates, 600.0}).text ==
          "the gauge was not read often enough during the load");
    SECTION("memory is not followed")
    {
        series.kind = GaugeKind::memory;
        CHECK(attribute({series, load, candidates, 600.0}).answer == Attribution::Answer::nothing);
    }
    SECTION("a probe that was away for seconds leaves a hole")
    {
        std::erase_if(series.points, [](const auto& point) { return point.at_seconds > 30 && point.at_seconds < 35; });
        CHECK(attribute({series, load, candidates, 600.0}).text ==
              "the gauge was not read often enough during the load");
    }
}

} // namespace squall::analysis
