#include "engine/abort_watch.hpp"

#include "catch.hpp"

using namespace squall;
using namespace std::chrono_literals;

namespace {

measure::Window second(int requests, int errors)
{
    measure::Window window;
    window.steps.resize(1);
    for (int i = 0; i < requests; ++i) {
        measure::Sample sample;
        sample.error = i < errors ? measure::ErrorKind::status : measure::ErrorKind::none;
        window.steps[0].add(sample);
    }
    return window;
}

scenario::Check check(std::string expression, std::optional<Duration> abort_after)
{
    return {{}, std::move(expression), abort_after};
}

/// In which second of a load that begins at 7.2 it is ended; 0: never.
int ends_in(engine::AbortWatch& watch, const std::vector<measure::Window>& seconds)
{
    double at = 7.2;
    for (std::size_t i = 0; i < seconds.size(); ++i, at += 1) {
        if (watch.add(seconds[i], at, at + 1)) {
            return static_cast<int>(i) + 1;
        }
    }
    return 0;
}

} // namespace

TEST_CASE("a missed check ends the load, but not before its delay")
{
    const std::vector bad(8, second(10, 3));
    engine::AbortWatch at_once({check("error_rate < 5%", 0s)}, {"login"}, true);
    CHECK(ends_in(at_once, bad) == 1);
    engine::AbortWatch later({check("error_rate < 5%", 4s)}, {"login"}, true);
    CHECK(ends_in(later, bad) == 4);
    engine::AbortWatch never({check("error_rate < 5%", std::nullopt)}, {"login"}, true);
    CHECK(ends_in(never, bad) == 0);
    engine::AbortWatch met({check("error_rate < 50%", 0s)}, {"login"}, true);
    CHECK(ends_in(met, bad) == 0);
}

TEST_CASE("what the delay forgives must have been made good by then")
{
    std::vector<measure::Window> seconds{second(10, 10)};
    seconds.resize(40, second(10, 0));
    engine::AbortWatch whole({check("error_rate < 50%", 3s)}, {"login"}, true);
    CHECK(ends_in(whole, seconds) == 0);
    engine::AbortWatch windows({check("error_rate < 50% over 2s", 3s)}, {"login"}, true);
    CHECK(ends_in(windows, seconds) == 3); // the worst window stays the worst
}

TEST_CASE("no samples end no load: nothing is known yet")
{
    engine::AbortWatch watch({check("response_time.p99 < 1s", 0s)}, {"login"}, true);
    CHECK(ends_in(watch, std::vector(5, second(0, 0))) == 0);
}

TEST_CASE("the reason names the check first and what was measured")
{
    engine::AbortWatch watch({check("errors == 0", 0s)}, {"login"}, true);
    CHECK(watch.add(second(10, 3), 0, 1) == "errors == 0: 3");
}
