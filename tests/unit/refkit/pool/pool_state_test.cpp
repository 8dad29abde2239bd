// Callers and their queue, what comes back, and the end of a pool.
#include "catch.hpp"
#include "unit/refkit/pool/pool_harness.hpp"

using namespace squall;
using namespace squall::refkit;
using namespace std::chrono_literals;

TEST_CASE("a pool opens its minimum and hands out the most recently used connection first")
{
    PoolHarness pool(pool_of(5, 2));
    CHECK(pool.dials.size() == 2);
    pool.dial_all();
    CHECK(pool.state.stats().idle == 2);

    const auto first = pool.acquire_now();
    const auto second = pool.acquire_now();
    pool.release(first);
    pool.release(second);
    CHECK(pool.acquire_now() == second);
}

TEST_CASE("callers are refused while the pool does not run")
{
    PoolHarness pool(pool_of(1), false);
    CHECK(pool.refused(pool.acquire()) == Errc::pool_not_running);
    pool.state.start(pool.clock.now());
    pool.take();
    const auto waiting = pool.acquire();
    pool.state.drain(pool.clock.now());
    pool.take();
    CHECK(pool.refused(waiting) == Errc::pool_draining);
    CHECK(pool.refused(pool.acquire()) == Errc::pool_draining);
    pool.state.stop(pool.clock.now());
    pool.take();
    CHECK(pool.refused(pool.acquire()) == Errc::pool_cancelled);
    CHECK(pool.state.stats().rejected == 4);
}

TEST_CASE("a queue that is full refuses further callers at once")
{
    auto params = pool_of(1);
    params.max_waiters = 1;
    PoolHarness pool(params);
    const auto waiting = pool.acquire();
    const auto turned_away = pool.acquire();
    CHECK(pool.completion(waiting) == nullptr);
    CHECK(pool.refused(turned_away) == Errc::queue_full);
}

TEST_CASE("waiters are served in the order they came, and nobody overtakes them")
{
    PoolHarness pool(pool_of(1));
    const auto first = pool.acquire();
    const auto second = pool.acquire();
    pool.dial_all();
    const auto connection = *pool.given(first);
    pool.state.collect(first, pool.clock.now());
    CHECK_FALSE(pool.given(second));

    pool.release(connection);
    const auto late = pool.acquire();
    CHECK(pool.given(second) == connection);
    CHECK_FALSE(pool.given(late));
}

TEST_CASE("bug 1: a waiter cancelled after it was assigned passes its connection on")
{
    PoolHarness pool(pool_of(1));
    const auto first = pool.acquire();
    const auto second = pool.acquire();
    pool.dial_all();
    const auto connection = *pool.given(first);

    pool.state.cancel(first, pool.clock.now());
    pool.take();
    CHECK(pool.given(second) == connection);
    pool.state.collect(second, pool.clock.now());
    pool.release(connection);
    const auto stats = pool.state.stats();
    CHECK(stats.idle == 1);
    CHECK(stats.total == 1);
    CHECK(stats.acquire_count == 1);
    CHECK(stats.canceled_acquire_count == 1);
}

TEST_CASE("bug 1: a waiter cancelled before it was assigned costs nobody anything")
{
    PoolHarness pool(pool_of(1));
    const auto first = pool.acquire();
    const auto second = pool.acquire();
    pool.state.cancel(first, pool.clock.now());
    pool.take();
    CHECK(pool.refused(first) == Errc::acquire_cancelled);
    pool.dial_all();
    CHECK(pool.given(second).has_value());
}

TEST_CASE("bug 6: one caller's timeout takes only that caller out of the queue")
{
    PoolHarness pool(pool_of(1));
    const auto patient = pool.acquire(10s);
    const auto hasty = pool.acquire(1s);
    const auto last = pool.acquire(10s);
    REQUIRE(pool.timer == pool.clock.now() + 1s);
    pool.advance(1s);
    CHECK(pool.refused(hasty) == Errc::acquire_timeout);
    CHECK(pool.completion(patient) == nullptr);
    CHECK(pool.completion(last) == nullptr);

    pool.dial_all();
    const auto connection = pool.given(patient);
    REQUIRE(connection.has_value());
    pool.state.collect(patient, pool.clock.now());
    pool.release(*connection);
    CHECK(pool.given(last) == connection);
}

TEST_CASE("bug 6: a stream of new callers does not starve one that waits")
{
    PoolHarness pool(pool_of(1));
    auto holder = pool.acquire();
    pool.dial_all();
    auto connection = *pool.given(holder);
    pool.state.collect(holder, pool.clock.now());
    const auto starving = pool.acquire();
    std::vector<WaiterId> eager;
    for (int i = 0; i < 100; ++i) {
        eager.push_back(pool.acquire());
    }
    pool.release(connection);
    CHECK(pool.given(starving) == connection);
}

TEST_CASE("bug 14: what comes back in a transaction is reset, what comes back busy is closed")
{
    PoolHarness pool(pool_of(2, 2));
    pool.dial_all();
    const auto dirty = pool.acquire_now();
    const auto busy = pool.acquire_now();
    pool.release(dirty, ReturnedAs::dirty);
    REQUIRE(pool.resets.size() == 1);
    CHECK(pool.resets[0].deadline == pool.clock.now() + 2s);
    CHECK(pool.state.stats().idle == 0);
    pool.release(busy, ReturnedAs::broken);
    CHECK(pool.closes == std::vector{busy});

    SECTION("a reset that works makes it usable again")
    {
        pool.state.reset_done(dirty, true, pool.clock.now());
        pool.take();
        CHECK(pool.acquire_now() == dirty);
    }
    SECTION("a reset that fails closes it")
    {
        pool.state.reset_done(dirty, false, pool.clock.now());
        pool.take();
        CHECK(pool.closes == std::vector{busy, dirty});
    }
}

TEST_CASE("a detached connection makes room for another")
{
    PoolHarness pool(pool_of(1, 1));
    pool.dial_all();
    const auto connection = pool.acquire_now();
    pool.state.detach(connection, pool.clock.now());
    pool.take();
    CHECK(pool.dials.size() == 1);
    CHECK(pool.closes.empty());
}

TEST_CASE("draining waits for loans, aborting does not")
{
    PoolHarness pool(pool_of(2, 2));
    pool.dial_all();
    const auto loan = pool.acquire_now();
    pool.state.drain(pool.clock.now());
    pool.take();
    REQUIRE(pool.closes.size() == 1);
    pool.state.closed(pool.closes[0], pool.clock.now());
    CHECK_FALSE(pool.state.finished());
    SECTION("the loan that comes back is closed")
    {
        pool.release(loan);
        CHECK(pool.closes.back() == loan);
    }
    SECTION("the loan is closed under its user's hands, and its return is harmless")
    {
        pool.state.abort(pool.clock.now());
        pool.take();
        CHECK(pool.closes.back() == loan);
    }
    pool.state.closed(loan, pool.clock.now());
    CHECK(pool.state.finished());
    pool.release(loan);
    CHECK(pool.state.finished());
}

TEST_CASE("statistics tell who waited and for how long")
{
    PoolHarness pool(pool_of(1));
    const auto waiter = pool.acquire();
    pool.clock.advance(40ms);
    pool.dial_all();
    pool.state.collect(waiter, pool.clock.now());
    pool.release(*pool.given(waiter));
    pool.acquire_now();
    const auto stats = pool.state.stats();
    CHECK(stats.acquire_count == 2);
    CHECK(stats.empty_acquire_count == 1);
    CHECK(stats.acquire_duration == 40ms);
    CHECK(stats.acquired == 1);
    CHECK(stats.max == 1);
    CHECK(stats.dials == 1);
}
