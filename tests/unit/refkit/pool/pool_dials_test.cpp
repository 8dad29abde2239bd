// When a pool dials, how many at a time, and what becomes of dials that fail.
#include "catch.hpp"
#include "unit/refkit/pool/pool_harness.hpp"

using namespace squall;
using namespace squall::refkit;
using namespace std::chrono_literals;

TEST_CASE("bug 3: a dial belongs to the pool and outlives the caller that caused it")
{
    PoolHarness pool(pool_of(1));
    const auto hasty = pool.acquire(1ms);
    REQUIRE(pool.dials.size() == 1);
    CHECK(pool.dials[0].deadline == pool.clock.now() + pool.state.params().connect_timeout);

    pool.advance(1ms);
    CHECK(pool.refused(hasty) == Errc::acquire_timeout);
    CHECK(pool.closes.empty());
    pool.dial_all();
    CHECK(pool.state.stats().idle == 1);
    CHECK(pool.state.stats().timeouts == 1);
}

TEST_CASE("bug 4: a dial that fails is repeated for those who still wait")
{
    PoolHarness pool(pool_of(1));
    const auto waiter = pool.acquire();
    pool.fail_dial();
    CHECK(pool.dials.empty());
    REQUIRE(pool.timer.has_value());
    CHECK(*pool.timer <= pool.clock.now() + 10ms);

    pool.advance(10ms);
    REQUIRE(pool.dials.size() == 1);
    pool.dial_all();
    CHECK(pool.given(waiter).has_value());
}

TEST_CASE("bug 13: failed dials back off up to five seconds, one at a time, and forget it after a good one")
{
    auto params = pool_of(10);
    params.connect_limit = 10;
    PoolHarness pool(params);
    for (int i = 0; i < 10; ++i) {
        pool.acquire(1h);
    }
    CHECK(pool.dials.size() == 10);
    for (int i = 0; i < 10; ++i) {
        pool.fail_dial();
    }
    for (int i = 0; i < 12; ++i) {
        pool.advance(5s);
        REQUIRE(pool.dials.size() == 1);
        pool.fail_dial();
    }
    pool.advance(2499ms);
    CHECK(pool.dials.empty()); // jitter takes at most half of the 5 s
    pool.advance(2501ms);
    REQUIRE(pool.dials.size() == 1);
    pool.state.dialed(pool.dials[0].connection, pool.clock.now());
    pool.take();
    CHECK(pool.dials.size() == 1 + 9); // the first, and one for each that still waits
}

TEST_CASE("bug 9: connections that are still closing count towards max")
{
    PoolHarness pool(pool_of(2));
    pool.acquire();
    pool.acquire();
    pool.dial_all();
    const auto broken = *pool.given(pool.completions[0].waiter);
    pool.state.collect(pool.completions[0].waiter, pool.clock.now());
    const auto waiting = pool.acquire();

    pool.release(broken, ReturnedAs::broken);
    REQUIRE(pool.closes.size() == 1);
    CHECK(pool.dials.empty()); // not before the old one is gone
    CHECK(pool.state.stats().closing == 1);
    CHECK(pool.state.stats().total == 2);
    pool.state.closed(broken, pool.clock.now());
    pool.take();
    CHECK(pool.dials.size() == 1);
    pool.dial_all();
    CHECK(pool.given(waiting).has_value());
}

TEST_CASE("bug 9: a crowd of callers dials no more than max, and no more than wait")
{
    auto params = pool_of(100);
    params.connect_limit = std::nullopt;
    PoolHarness pool(params);
    for (int i = 0; i < 40; ++i) {
        pool.acquire();
    }
    CHECK(pool.dials.size() == 40);
    for (int i = 0; i < 400; ++i) {
        pool.acquire();
    }
    CHECK(pool.dials.size() == 100);
}

TEST_CASE("what a broken one leaves missing of the minimum is dialed while it still closes")
{
    PoolHarness pool(pool_of(2, 1));
    pool.dial_all();
    const auto taken = pool.state.take(pool.clock.now());
    REQUIRE(taken != ConnectionId{});
    pool.release(taken, ReturnedAs::broken);
    CHECK(pool.closes == std::vector{taken});
    CHECK(pool.dials.size() == 1);
}

TEST_CASE("only connect_limit dials run at a time")
{
    auto params = pool_of(100);
    params.connect_limit = 3;
    PoolHarness pool(params);
    for (int i = 0; i < 40; ++i) {
        pool.acquire();
    }
    CHECK(pool.dials.size() == 3);
    pool.state.dialed(pool.dials[0].connection, pool.clock.now());
    pool.take();
    CHECK(pool.dials.size() == 4);
}
