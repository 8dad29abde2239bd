// Lifetimes, usage, generations, keepalives and loans that do not come back.
#include "catch.hpp"
#include "unit/refkit/pool/pool_harness.hpp"

#include <set>

using namespace squall;
using namespace squall::refkit;
using namespace std::chrono_literals;

namespace {

/// All that the pool dials succeeds, all that it closes is gone.
void serve(PoolHarness& pool)
{
    while (!pool.dials.empty() || !pool.closes.empty()) {
        pool.dial_all();
        for (const auto id : std::exchange(pool.closes, {})) {
            pool.state.closed(id, pool.clock.now());
            pool.take();
        }
    }
}

} // namespace

TEST_CASE("bug 12: connections dialed in one herd do not end in one")
{
    auto params = pool_of(100, 100);
    params.connect_limit = std::nullopt;
    params.max_lifetime = 1000s;
    params.idle_timeout = 24h;
    PoolHarness pool(params);
    pool.dial_all();
    pool.advance(750s - 1ns);
    CHECK(pool.closes.empty());

    std::size_t most_at_once = 0;
    std::size_t closed = 0;
    for (int second = 0; second < 251; ++second) {
        pool.advance(1s);
        most_at_once = std::max(most_at_once, pool.closes.size());
        closed += pool.closes.size();
        serve(pool);
    }
    CHECK(closed == 100);
    CHECK(most_at_once <= 5);
    CHECK(pool.state.stats().idle == 100); // each was replaced
    CHECK(pool.state.stats().worn_closed == 100);
}

TEST_CASE("bug 11: an old connection in use is closed when it comes back, and never given out again")
{
    auto params = pool_of(1);
    params.max_lifetime = 100s;
    PoolHarness pool(params);
    const auto first = pool.acquire();
    pool.dial_all();
    const auto old = *pool.given(first);
    pool.state.collect(first, pool.clock.now());
    const auto waiting = pool.acquire(1h);
    pool.advance(100s);
    CHECK(pool.closes.empty());
    pool.release(old);
    CHECK(pool.closes == std::vector{old});
    CHECK_FALSE(pool.given(waiting));
    serve(pool);
    CHECK(pool.given(waiting).has_value());
    CHECK(pool.given(waiting) != old);
}

TEST_CASE("an idle connection past its life is not lent in the instant before the pool's timer")
{
    auto params = pool_of(1, 1);
    params.max_lifetime = 100s;
    PoolHarness pool(params);
    pool.dial_all();
    pool.clock.advance(100s);
    SECTION("to a caller that waits")
    {
        CHECK_FALSE(pool.given(pool.acquire()));
    }
    SECTION("to a caller that does not")
    {
        CHECK(pool.state.take(pool.clock.now()) == ConnectionId{});
        pool.take();
    }
    CHECK(pool.closes.size() == 1);
}

TEST_CASE("a connection is closed after so many loans")
{
    auto params = pool_of(1);
    params.max_usage = 3;
    PoolHarness pool(params);
    pool.acquire();
    pool.dial_all();
    const auto connection = *pool.given(pool.completions[0].waiter);
    pool.state.collect(pool.completions[0].waiter, pool.clock.now());
    pool.release(connection);
    pool.release(pool.acquire_now());
    CHECK(pool.closes.empty());
    pool.release(pool.acquire_now());
    CHECK(pool.closes == std::vector{connection});
}

TEST_CASE("reset() replaces what is idle at once, what is dialed when it comes, what is lent when it returns")
{
    PoolHarness pool(pool_of(3, 2));
    pool.dial_all();
    const auto lent = pool.acquire_now();
    pool.acquire();
    const auto more = pool.acquire();
    pool.take();
    REQUIRE(pool.dials.size() == 1); // for the third
    const auto dialed = pool.dials[0].connection;
    pool.state.reset(pool.clock.now());
    pool.take();
    CHECK(pool.closes.empty());

    pool.dial_all();
    CHECK(pool.closes == std::vector{dialed});
    pool.release(lent);
    CHECK(pool.closes == std::vector{dialed, lent});
    CHECK_FALSE(pool.given(more));
    serve(pool);
    CHECK(pool.given(more).has_value());
}

TEST_CASE("reset() closes every idle connection, and the minimum is dialed again")
{
    PoolHarness pool(pool_of(3, 3));
    pool.dial_all();
    pool.state.reset(pool.clock.now());
    pool.take();
    CHECK(pool.closes.size() == 3);
    CHECK(pool.dials.empty()); // the old ones count until they are gone
    serve(pool);
    CHECK(pool.state.stats().idle == 3);
}

TEST_CASE("idle connections are asked from time to time, and still count as unused")
{
    auto params = pool_of(2, 1);
    params.keepalive = 100s;
    params.idle_timeout = 300s;
    PoolHarness pool(params);
    pool.acquire();
    pool.acquire();
    pool.dial_all();
    for (const auto& complete : pool.completions) {
        pool.state.collect(complete.waiter, pool.clock.now());
        pool.release(std::get<ConnectionId>(complete.outcome));
    }
    pool.advance(90s - 1ns);
    CHECK(pool.validations.empty());
    pool.advance(20s);
    REQUIRE(pool.validations.size() == 2);
    SECTION("one that answers stays, until the idle timeout counted from its last use")
    {
        for (const auto& question : pool.validations) {
            pool.state.validated(question.connection, true, pool.clock.now());
        }
        pool.take();
        CHECK(pool.state.stats().idle == 2);
        pool.advance(190s + 1ns);
        CHECK(pool.state.stats().idle_closed == 1);
    }
    SECTION("one that answers only when it has been unused for too long closes with the answer")
    {
        pool.clock.advance(200s);
        for (const auto& question : pool.validations) {
            pool.state.validated(question.connection, true, pool.clock.now());
        }
        pool.take();
        CHECK(pool.state.stats().idle_closed == 1);
    }
    SECTION("one that does not is replaced")
    {
        pool.state.validated(pool.validations[0].connection, false, pool.clock.now());
        pool.state.validated(pool.validations[1].connection, false, pool.clock.now());
        pool.take();
        CHECK(pool.closes.size() == 2);
        serve(pool);
        CHECK(pool.state.stats().idle == 1);
    }
}

TEST_CASE("a loan that is out for too long is reported once, and once more when it comes back")
{
    auto params = pool_of(1, 1);
    params.leak_detection_threshold = 10s;
    PoolHarness pool(params);
    pool.dial_all();
    const auto here = std::source_location::current();
    const auto waiter = pool.state.acquire(pool.clock.now(), pool.clock.now() + 1s, here);
    pool.take();
    pool.state.collect(waiter, pool.clock.now());
    REQUIRE(pool.timer.has_value());
    CHECK(*pool.timer <= pool.clock.now() + 10s);
    pool.advance(10s - 1ns);
    CHECK(pool.leaks.empty());
    pool.advance(1ns);
    REQUIRE(pool.leaks.size() == 1);
    CHECK(pool.leaks[0].where.line() == here.line());
    CHECK(pool.leaks[0].held == 10s);
    CHECK_FALSE(pool.leaks[0].returned);
    pool.advance(10s);
    CHECK(pool.leaks.size() == 1);

    pool.release(*pool.given(waiter));
    REQUIRE(pool.leaks.size() == 2);
    CHECK(pool.leaks[1].returned);
    CHECK(pool.leaks[1].held == 20s);
    CHECK(pool.state.stats().suspected_leaks == 1);
    pool.release(pool.acquire_now());
    CHECK(pool.leaks.size() == 2);
}

TEST_CASE("what a loan that did not wait makes due is looked at in time")
{
    auto params = pool_of(1, 1);
    params.leak_detection_threshold = 10s;
    params.max_lifetime = 5min;
    PoolHarness pool(params);
    pool.dial_all();
    const auto dialed = pool.clock.now();
    pool.timer.reset();
    const auto taken = pool.state.take(pool.clock.now());
    pool.take();
    SECTION("that it may have leaked")
    {
        CHECK(pool.timer == dialed + 10s);
    }
    SECTION("that its connection is old one day, though nobody asked meanwhile")
    {
        pool.advance(10s);
        REQUIRE(pool.leaks.size() == 1);
        pool.timer.reset();
        pool.release(taken);
        REQUIRE(pool.timer.has_value());
        CHECK(*pool.timer <= dialed + 5min);
    }
}

TEST_CASE("bug 10: callers that take several connections need so many, and with one fewer they block each other")
{
    constexpr std::size_t callers = 3;
    constexpr std::size_t each = 2;
    const auto served = [](std::size_t max) {
        PoolHarness pool(pool_of(max, max));
        pool.dial_all();
        std::vector<WaiterId> waiters;
        for (std::size_t ask = 0; ask < callers * each; ++ask) { // everybody takes one before anybody takes the second
            waiters.push_back(pool.acquire());
        }
        return static_cast<std::size_t>(
            std::ranges::count_if(waiters, [&](WaiterId waiter) { return pool.given(waiter).has_value(); }));
    };
    CHECK(least_max_for(callers, each) == 4);
    CHECK(served(least_max_for(callers, each)) > callers);      // somebody has all that it needs, and gives it back
    CHECK(served(least_max_for(callers, each) - 1) == callers); // nobody has
}
