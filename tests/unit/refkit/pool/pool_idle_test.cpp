// What lies idle: lent unasked, asked whether it lives, or closed.
#include "catch.hpp"
#include "unit/refkit/pool/pool_harness.hpp"

using namespace squall;
using namespace squall::refkit;
using namespace std::chrono_literals;

TEST_CASE("a connection silent for more than half a second is asked whether it lives")
{
    PoolHarness pool(pool_of(1, 1));
    pool.dial_all();
    pool.clock.advance(500ms);
    pool.release(pool.acquire_now());
    CHECK(pool.validations.empty());

    pool.clock.advance(501ms);
    const auto waiter = pool.acquire();
    REQUIRE(pool.validations.size() == 1);
    CHECK_FALSE(pool.given(waiter));
    SECTION("one that answers is given out")
    {
        pool.state.validated(pool.validations[0].connection, true, pool.clock.now());
        pool.take();
        CHECK(pool.given(waiter).has_value());
    }
    SECTION("one that does not is replaced")
    {
        const auto dead = pool.validations[0].connection;
        pool.state.validated(dead, false, pool.clock.now());
        pool.take();
        CHECK(pool.closes == std::vector{dead});
        pool.state.closed(dead, pool.clock.now());
        pool.take();
        REQUIRE(pool.dials.size() == 1);
        pool.dial_all();
        CHECK(pool.given(waiter).has_value());
        CHECK(pool.state.stats().failed_validations == 1);
    }
    SECTION("the caller's deadline holds over it, and the connection survives the caller")
    {
        pool.advance(30s);
        CHECK(pool.refused(waiter) == Errc::acquire_timeout);
        pool.state.validated(pool.validations[0].connection, true, pool.clock.now());
        pool.take();
        CHECK(pool.state.stats().idle == 1);
    }
}

TEST_CASE("without waiting there is what is idle and fresh, or nothing")
{
    PoolHarness pool(pool_of(1, 1));
    CHECK(pool.state.turn_away() == Errc::no_connection_available);
    pool.dial_all();
    const auto taken = pool.state.take(pool.clock.now());
    CHECK(taken != ConnectionId{});
    CHECK(pool.state.take(pool.clock.now()) == ConnectionId{});
    pool.release(taken);
    pool.clock.advance(501ms);
    CHECK(pool.state.take(pool.clock.now()) == ConnectionId{});
    pool.state.drain(pool.clock.now());
    CHECK(pool.state.take(pool.clock.now()) == ConnectionId{});
    CHECK(pool.state.turn_away() == Errc::pool_draining);
    CHECK(pool.state.stats().rejected == 2);
}

TEST_CASE("of loans that nobody waited for, one in 64 is timed")
{
    PoolHarness pool(pool_of(1, 1));
    pool.dial_all();
    int timed = 0;
    for (int loan = 0; loan < 640; ++loan) {
        const bool exact = pool.state.times_next_loan();
        const auto taken = pool.state.take(pool.clock.now());
        CHECK(pool.state.times(taken) == exact);
        timed += exact ? 1 : 0;
        pool.release(taken);
    }
    CHECK(timed == 10);

    SECTION("and each that somebody waits for, or waited for")
    {
        const auto taken = pool.state.take(pool.clock.now());
        pool.release(taken);
        const auto untimed = pool.state.take(pool.clock.now());
        CHECK_FALSE(pool.state.times(untimed));
        const auto waiter = pool.acquire();
        CHECK(pool.state.times(untimed));
        pool.release(untimed);
        REQUIRE(pool.given(waiter) == untimed);
        CHECK(pool.state.times(untimed));
    }
}

TEST_CASE("connections idle too long are closed, down to the minimum")
{
    PoolHarness pool(pool_of(5, 1));
    std::vector<ConnectionId> used;
    for (int i = 0; i < 4; ++i) {
        pool.acquire();
    }
    pool.dial_all();
    for (const auto& complete : pool.completions) {
        pool.state.collect(complete.waiter, pool.clock.now());
        used.push_back(std::get<ConnectionId>(complete.outcome));
    }
    for (const auto connection : used) {
        pool.release(connection);
    }
    REQUIRE(pool.timer.has_value());
    pool.advance(10min - 1ns);
    CHECK(pool.closes.empty());
    pool.advance(1ns);
    CHECK(pool.closes == std::vector{used[0], used[1], used[2]});
    CHECK(pool.state.stats().idle == 1);
    CHECK(pool.state.stats().idle_closed == 3);
}

TEST_CASE("being asked whether it lives makes a connection no younger")
{
    auto params = pool_of(2);
    params.keepalive = 1min;
    PoolHarness pool(params);
    pool.acquire();
    pool.acquire();
    pool.dial_all();
    REQUIRE(pool.completions.size() == 2);
    for (const auto& complete : pool.completions) {
        pool.state.collect(complete.waiter, pool.clock.now());
    }
    const auto older = std::get<ConnectionId>(pool.completions[0].outcome);
    const auto younger = std::get<ConnectionId>(pool.completions[1].outcome);
    pool.release(older);
    pool.advance(1s);
    pool.release(younger);
    pool.advance(2min);
    REQUIRE(pool.validations.size() == 2);
    pool.state.validated(younger, true, pool.clock.now());
    pool.state.validated(older, true, pool.clock.now());
    CHECK(pool.acquire_now() == younger);
}
