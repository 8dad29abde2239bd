#include "slo/load_judge.hpp"

#include "catch.hpp"

#include <algorithm>
#include <numeric>
#include <random>

namespace squall::slo {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> steps{"login", "meals"};

Check parsed(std::string_view text)
{
    const auto check = parse(text);
    INFO(text);
    REQUIRE(check.has_value());
    return *check;
}

/// A second in which each of `count` logins took `each`, and `errors` of them failed.
measure::Window second(int count, Duration each, int errors = 0)
{
    measure::Window window;
    window.steps.resize(2);
    for (int i = 0; i < count; ++i) {
        measure::Sample sample;
        sample.end = sample.start + each;
        sample.error = i < errors ? measure::ErrorKind::timeout : measure::ErrorKind::none;
        window.steps[0].add(sample);
    }
    return window;
}

/// Ten requests a second of 10 ms for a minute from 0:12 on, but 500 ms each from 0:30 to 0:33.
LoadJudge minute_with_a_stall(std::string_view text)
{
    LoadJudge judge(parsed(text), steps);
    for (int at = 12; at < 72; ++at) {
        judge.add(second(10, at >= 30 && at < 33 ? 500ms : 10ms), at, at + 1);
    }
    return judge;
}

} // namespace

TEST_CASE("a short stall that the whole run forgives is seen by the window it fills")
{
    CHECK(minute_with_a_stall("response_time.p90 < 100ms").verdict().outcome == Outcome::met);
    const auto verdict = minute_with_a_stall("response_time.p90 < 100ms over 10s").verdict();
    CHECK(verdict.outcome == Outcome::missed);
    CHECK(verdict.measured == "500ms");
    CHECK(verdict.why == "worst of 51 windows: 0:22 to 0:32 into the run"); // the first with two such seconds
    CHECK(minute_with_a_stall("response_time[login].p50 < 100ms over 3s").verdict().outcome == Outcome::missed);
    CHECK(minute_with_a_stall("response_time[login].p50 < 100ms over 10s").verdict().outcome == Outcome::met);
    CHECK(minute_with_a_stall("service_time.max < 499ms over 60s").verdict().outcome == Outcome::missed);
}

TEST_CASE("the worst window is the highest for < and the lowest for >")
{
    LoadJudge errors(parsed("error_rate < 20% over 2s"), steps);
    LoadJudge rate(parsed("throughput > 6/s over 2s"), steps);
    for (int at = 0; at < 6; ++at) {
        const auto window = second(at == 3 ? 2 : 10, 10ms, at == 4 ? 5 : 0);
        errors.add(window, at, at + 1);
        rate.add(window, at, at + 1);
    }
    CHECK(errors.verdict().measured == "41.7%"); // 5 of 12
    CHECK(errors.verdict().why == "5 of 12 requests failed; worst of 5 windows: 0:03 to 0:05 into the run");
    CHECK(rate.verdict().measured == "6/s");
    CHECK(rate.verdict().outcome == Outcome::missed);
    CHECK(rate.verdict().why == "worst of 5 windows: 0:02 to 0:04 into the run");
}

TEST_CASE("a window without samples is missed, whatever the others show")
{
    LoadJudge judge(parsed("response_time.p99 < 1s over 2s"), steps);
    for (int at = 0; at < 8; ++at) {
        judge.add(second(at == 4 || at == 5 ? 0 : 10, 10ms), at, at + 1);
    }
    CHECK(judge.verdict().outcome == Outcome::missed);
    CHECK(judge.verdict().no_samples);
    CHECK(judge.verdict().why == "no samples; worst of 7 windows: 0:04 to 0:06 into the run");
    CHECK(LoadJudge(parsed("error_rate < 1% over 2s"), steps).verdict().outcome == Outcome::missed);
    CHECK(LoadJudge(parsed("error_rate < 1%"), steps).verdict().outcome == Outcome::missed);
}

TEST_CASE("what is answered after the last arrival counts into the last window and makes no window of its own")
{
    LoadJudge slow(parsed("response_time.max < 1s over 3s"), steps);
    LoadJudge rate(parsed("throughput > 9/s over 3s"), steps);
    for (auto* judge : {&slow, &rate}) {
        for (int at = 0; at < 6; ++at) {
            judge->add(second(10, 10ms), at, at + 1);
        }
        judge->arrivals_over();
        judge->add(second(1, 4s), 6, 7);
        judge->add(second(0, 0s), 7, 8);
        judge->add(second(0, 0s), 8, 9);
        judge->add(second(0, 0s), 9, 10);
    }
    CHECK(slow.verdict().outcome == Outcome::missed);
    CHECK(slow.verdict().why == "worst of 4 windows: 0:03 to 0:06 into the run");
    CHECK(rate.verdict().outcome == Outcome::met);
}

TEST_CASE("a load shorter than the window is one window, and says so")
{
    LoadJudge judge(parsed("response_time.p99 < 1s over 1m"), steps);
    judge.add(second(10, 10ms), 0, 1);
    CHECK(judge.verdict().outcome == Outcome::met);
    CHECK(judge.verdict().why == "the load was shorter than 1m: all of it is one window");
}

TEST_CASE("phases begin within a second: a window is whole to half of one")
{
    LoadJudge judge(parsed("throughput > 9/s over 3s"), steps);
    judge.add(second(7, 10ms), 12.3, 13);
    judge.add(second(10, 10ms), 13, 14);
    judge.add(second(10, 10ms), 14, 15);
    CHECK(judge.verdict().why == "worst of 1 window: 0:12 to 0:15 into the run");
    CHECK(judge.verdict().value == Approx(10));
}

TEST_CASE("dropped arrivals count into the windows in which they were dropped")
{
    LoadJudge judge(parsed("response_time.p90 < 1s over 2s"), steps);
    for (int at = 0; at < 6; ++at) {
        auto window = second(10, 10ms);
        window.iterations_dropped = at == 3 ? 10 : 0;
        judge.add(window, at, at + 1);
    }
    CHECK(judge.verdict().outcome == Outcome::missed);
    CHECK(judge.verdict().why.starts_with("10 dropped arrivals count as slower than all others: they reach down"));
}

TEST_CASE("a sliding sum is what is in it, whatever the order of pushes and pops")
{
    std::mt19937 random(7);
    SlidingSum sum;
    std::deque<std::uint64_t> kept;
    for (int i = 0; i < 500; ++i) {
        if (!kept.empty() && random() % 5 < 2) {
            sum.pop();
            kept.pop_front();
        } else {
            LoadPiece piece;
            piece.step.requests = random() % 1000;
            piece.seconds = 1;
            kept.push_back(piece.step.requests);
            sum.push(std::move(piece));
        }
        REQUIRE(sum.total().step.requests == std::accumulate(kept.begin(), kept.end(), std::uint64_t{0}));
        REQUIRE(sum.total().seconds == static_cast<double>(kept.size()));
    }
}

} // namespace squall::slo
