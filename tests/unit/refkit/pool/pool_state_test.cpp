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

TEST_CASE("failed dials back off up to five seconds, one at a time, and forget it after a good one")
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

TEST_CASE("of loans that nobody waited for, one in sixteen is timed")
{
    PoolHarness pool(pool_of(1, 1));
    pool.dial_all();
    int timed = 0;
    for (int loan = 0; loan < 160; ++loan) {
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
