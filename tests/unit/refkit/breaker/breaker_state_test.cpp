#include "refkit/breaker/breaker_state.hpp"

#include "catch.hpp"

using namespace std::chrono_literals;

namespace squall::refkit {
namespace {

const Instant start{1h};

BreakerParams params_with(std::uint32_t half_open_permits)
{
    BreakerParams params;
    params.open_wait = 10s;
    params.half_open_permits = half_open_permits;
    params.max_wait_in_half_open = 30s;
    return params;
}

/// Open since `start`, half-open from start + 10 s on.
BreakerState opened(const BreakerParams& params)
{
    BreakerState state(params, Random(1));
    REQUIRE(state.trip(state.generation(), start).has_value());
    return state;
}

std::uint64_t admitted(BreakerState& state, Instant now)
{
    const auto asked = state.ask(now);
    REQUIRE(asked.answer.has_value());
    return asked.answer.value();
}

} // namespace

TEST_CASE("an open breaker refuses with the time that is left, and then lets a few through")
{
    auto state = opened(params_with(2));
    const auto refused = state.ask(start + 4s);
    REQUIRE(refused.answer.has_error());
    CHECK(refused.answer.error().error == Errc::circuit_open);
    CHECK(refused.answer.error().retry_after == Duration(6s));
    CHECK_FALSE(refused.moved.has_value());

    const auto first = state.ask(start + 10s);
    REQUIRE(first.moved.has_value());
    CHECK(first.moved->from == BreakerPhase::open);
    CHECK(first.moved->to == BreakerPhase::half_open);
    CHECK(first.answer.has_value());
    CHECK(state.ask(start + 10s).answer.has_value());
    // The caller that lost the race for the last place is refused like any other.
    CHECK(state.ask(start + 10s).answer.has_error());
}

TEST_CASE("half-open decides at the last of its results")
{
    auto state = opened(params_with(2));
    const auto generation = admitted(state, start + 10s);
    (void)admitted(state, start + 10s);
    CHECK_FALSE(state.settle(generation, Verdict::success, false, start + 11s).has_value());
    CHECK(state.phase() == BreakerPhase::half_open);
    SECTION("all good: it closes")
    {
        CHECK(state.settle(generation, Verdict::success, false, start + 11s).has_value());
        CHECK(state.phase() == BreakerPhase::closed);
    }
    SECTION("one failed: it opens again")
    {
        CHECK(state.settle(generation, Verdict::failure, false, start + 11s).has_value());
        CHECK(state.phase() == BreakerPhase::open);
        CHECK(state.until() == start + 21s);
    }
}

TEST_CASE("half-open goes by the same rates as closed")
{
    auto params = params_with(4);
    Rates rates;
    rates.failure_rate = Ratio::of(0.5);
    rates.slow_call_rate = Ratio::of(0.75);
    params.rule = rates;
    auto state = opened(params);
    std::uint64_t generation = 0;
    for (int i = 0; i < 4; ++i) {
        generation = admitted(state, start + 10s);
    }
    const auto settle = [&](Verdict verdict, bool slow) {
        return state.settle(generation, verdict, slow, start + 11s).has_value();
    };
    SECTION("one failure and two slow calls of four are too few")
    {
        settle(Verdict::failure, true);
        settle(Verdict::success, true);
        settle(Verdict::success, false);
        settle(Verdict::success, false);
        CHECK(state.phase() == BreakerPhase::closed);
    }
    SECTION("two failures of four are enough")
    {
        settle(Verdict::failure, false);
        settle(Verdict::failure, false);
        settle(Verdict::success, false);
        CHECK(state.phase() == BreakerPhase::half_open);
        settle(Verdict::success, false);
        CHECK(state.phase() == BreakerPhase::open);
    }
    SECTION("three slow calls of four are enough")
    {
        settle(Verdict::success, true);
        settle(Verdict::success, true);
        settle(Verdict::success, true);
        settle(Verdict::success, false);
        CHECK(state.phase() == BreakerPhase::open);
    }
}

TEST_CASE("an ignored half-open permit gives its place back")
{
    auto state = opened(params_with(1));
    for (int i = 0; i < 5; ++i) {
        const auto generation = admitted(state, start + 10s);
        CHECK(state.ask(start + 10s).answer.has_error());
        CHECK_FALSE(state.settle(generation, Verdict::ignored, false, start + 10s).has_value());
    }
    CHECK(state.half_open_in_flight() == 0);
    CHECK(state.phase() == BreakerPhase::half_open);
}

TEST_CASE("half-open without a decision opens again, and what comes later is ignored")
{
    auto state = opened(params_with(1));
    const auto stuck = admitted(state, start + 10s);
    SECTION("told by the next caller")
    {
        const auto asked = state.ask(start + 40s);
        REQUIRE(asked.moved.has_value());
        CHECK(asked.moved->to == BreakerPhase::open);
        CHECK(asked.answer.has_error());
    }
    SECTION("told by the permit itself")
    {
        REQUIRE(state.settle(stuck, Verdict::success, false, start + 40s).has_value());
    }
    CHECK(state.phase() == BreakerPhase::open);
    const auto next = admitted(state, start + 50s);
    CHECK(next != stuck);
    CHECK_FALSE(state.settle(stuck, Verdict::failure, false, start + 51s).has_value());
    CHECK(state.phase() == BreakerPhase::half_open);
    CHECK(state.half_open_in_flight() == 1);
}

TEST_CASE("late outcomes of a closed breaker do not decide in half-open")
{
    auto state = opened(params_with(1));
    (void)admitted(state, start + 10s);
    CHECK_FALSE(state.settle(1, Verdict::failure, false, start + 11s).has_value());
    CHECK_FALSE(state.trip(1, start + 11s).has_value());
    CHECK(state.phase() == BreakerPhase::half_open);
}

TEST_CASE("each opening in a row lasts longer, up to the longest, and anew after a closing")
{
    auto params = params_with(1);
    params.open_wait_growth = 2;
    params.open_wait_longest = 30s;
    auto state = opened(params);
    auto now = start;
    for (const auto wait : {Duration(10s), Duration(20s), Duration(30s), Duration(30s)}) {
        CHECK(state.until() - now == wait);
        now = state.until();
        const auto generation = admitted(state, now);
        state.settle(generation, Verdict::failure, false, now);
    }
    now = state.until();
    state.settle(admitted(state, now), Verdict::success, false, now);
    CHECK(state.phase() == BreakerPhase::closed);
    state.trip(state.generation(), now);
    CHECK(state.until() - now == Duration(10s));
}

TEST_CASE("jitter spreads the waits around their length, and never to nothing")
{
    auto params = params_with(1);
    params.open_wait_jitter = Ratio::of(0.5);
    Duration shortest = 1h;
    Duration longest{};
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        BreakerState state(params, Random(seed));
        state.trip(1, start);
        shortest = std::min(shortest, state.until() - start);
        longest = std::max(longest, state.until() - start);
    }
    CHECK(shortest >= 5s);
    CHECK(shortest < 5500ms);
    CHECK(longest <= 15s);
    CHECK(longest > 14500ms);
}

TEST_CASE("a growth without bounds and a clock at its end do not overflow")
{
    auto params = params_with(1);
    params.open_wait_growth = 1e9;
    params.open_wait_longest = Duration::max();
    auto state = opened(params);
    auto now = start + 10s;
    for (int i = 0; i < 50; ++i) {
        state.settle(admitted(state, now), Verdict::failure, false, now);
        REQUIRE(state.phase() == BreakerPhase::open);
        REQUIRE(state.until() >= now); // the last instant that there is comes soon
        now = state.until();
    }
    CHECK(state.ask(Instant::max()).answer.has_value());
}

TEST_CASE("a clock that jumps back does not prolong a wait")
{
    auto state = opened(params_with(1));
    CHECK(state.ask(start - 30min).answer.error().retry_after == Duration(10s));
    CHECK(state.ask(start - 30min + 10s).answer.has_value());
}

TEST_CASE("from outside: forced open, disabled, only measuring, closed")
{
    BreakerState state(params_with(1), Random(1));
    CHECK(state.go(BreakerPhase::forced_open, start).has_value());
    const auto refused = state.ask(start + 24h);
    REQUIRE(refused.answer.has_error());
    CHECK_FALSE(refused.answer.error().retry_after.has_value());
    CHECK_FALSE(state.go(BreakerPhase::forced_open, start).has_value());

    for (const auto phase : {BreakerPhase::disabled, BreakerPhase::metrics_only}) {
        CHECK(state.go(phase, start).has_value());
        CHECK(state.ask(start).answer.has_value());
        CHECK_FALSE(state.trip(state.generation(), start).has_value());
        CHECK(state.phase() == phase);
    }
    CHECK(state.go(BreakerPhase::closed, start).has_value());
    CHECK(state.trip(state.generation(), start).has_value());
}

TEST_CASE("parameters of a breaker that make no sense are refused")
{
    const auto broken = [](auto change) {
        BreakerParams params;
        change(params);
        CHECK_THROWS_AS(BreakerState(params, Random(1)), std::invalid_argument);
        return !check(params).has_value();
    };
    const auto rates_broken = [&](auto change) {
        Rates rates;
        change(rates);
        return broken([&](BreakerParams& params) { params.rule = rates; });
    };
    CHECK(check(BreakerParams{}).has_value());
    CHECK(broken([](auto& params) { params.slow_call = 0s; }));
    CHECK(broken([](auto& params) { params.open_wait = -1s; }));
    CHECK(broken([](auto& params) { params.max_wait_in_half_open = 0s; }));
    CHECK(broken([](auto& params) { params.open_wait_growth = 0.5; }));
    CHECK(broken([](auto& params) { params.open_wait_growth = std::numeric_limits<double>::quiet_NaN(); }));
    CHECK(broken([](auto& params) { params.open_wait_longest = 59s; }));
    CHECK(broken([](auto& params) { params.open_wait_jitter = Ratio::of(1); }));
    CHECK(broken([](auto& params) { params.half_open_permits = 0; }));
    CHECK(broken([](auto& params) { params.rule = ConsecutiveFailures{0}; }));
    CHECK(rates_broken([](auto& rates) { rates.min_calls = 0; }));
    CHECK(rates_broken([](auto& rates) { rates.min_calls = 101; }));
    CHECK(rates_broken([](auto& rates) { rates.failure_rate.reset(); }));
    CHECK(rates_broken([](auto& rates) { rates.failure_rate = Ratio::of(0); }));
    CHECK(rates_broken([](auto& rates) { rates.window = LastCalls{0}; }));
    CHECK(rates_broken([](auto& rates) { rates.window = LastCalls{10'001}; }));
    CHECK(rates_broken([](auto& rates) { rates.window = LastSeconds{0s}; }));
    CHECK(rates_broken([](auto& rates) { rates.window = LastSeconds{3601s}; }));
}

} // namespace squall::refkit
