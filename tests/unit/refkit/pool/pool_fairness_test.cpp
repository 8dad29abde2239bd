#include "catch.hpp"
#include "unit/refkit/allocations.hpp"
#include "unit/refkit/pool/pool_harness.hpp"

using namespace squall;
using namespace squall::refkit;

namespace {

PoolParams barging_pool()
{
    auto params = pool_of(1);
    params.fairness = Fairness::barging;
    return params;
}

/// One connection, on loan; two callers wait.
struct Contended {
    explicit Contended(const PoolParams& params) : pool(params)
    {
        pool.acquire();
        pool.dial_all();
        while (pool.offers > 0) {
            offer_due();
        }
        REQUIRE_FALSE(pool.completions.empty());
        const auto first_user = pool.completions.front().waiter;
        connection = *pool.given(first_user);
        pool.state.collect(first_user, pool.clock.now());
        first = pool.acquire();
        second = pool.acquire();
    }
    void offer_due()
    {
        REQUIRE(pool.offers > 0);
        --pool.offers;
        pool.state.offer_due(pool.clock.now());
        pool.take();
    }
    /// The caller that got it gives it back.
    void pass_on(WaiterId waiter)
    {
        pool.state.collect(waiter, pool.clock.now());
        pool.release(connection);
    }

    PoolHarness pool;
    ConnectionId connection{};
    WaiterId first{};
    WaiterId second{};
};

} // namespace

TEST_CASE("first come, first served: who asks while others wait is served after them")
{
    Contended test(pool_of(1));
    test.pool.release(test.connection);
    CHECK(test.pool.given(test.first) == test.connection);
    CHECK(test.pool.offers == 0);
    const auto late = test.pool.acquire();
    test.pass_on(test.first);
    CHECK(test.pool.given(test.second) == test.connection);
    test.pass_on(test.second);
    CHECK(test.pool.given(late) == test.connection);
}

TEST_CASE("with barging, who asks while one is idle gets it before those who wait")
{
    Contended test(barging_pool());
    test.pool.release(test.connection);
    CHECK_FALSE(test.pool.given(test.first).has_value());
    CHECK(test.pool.offers == 1);

    SECTION("by waiting for it")
    {
        const auto late = test.pool.acquire();
        CHECK(test.pool.given(late) == test.connection);
        test.offer_due();
        CHECK_FALSE(test.pool.given(test.first).has_value());
        test.pass_on(late);
    }
    SECTION("by trying for it")
    {
        CHECK(test.pool.state.take(test.pool.clock.now()) == test.connection);
        test.offer_due();
        CHECK_FALSE(test.pool.given(test.first).has_value());
        test.pool.release(test.connection);
    }
    SECTION("or nobody asks, and those who wait are served in their order") {}
    test.offer_due();
    CHECK(test.pool.given(test.first) == test.connection);
    CHECK_FALSE(test.pool.given(test.second).has_value());
    test.pass_on(test.first);
    test.offer_due();
    CHECK(test.pool.given(test.second) == test.connection);
    CHECK(test.pool.offers == 0);
}

TEST_CASE("with barging, an offer outlives those it was for")
{
    Contended test(barging_pool());
    test.pool.release(test.connection);
    test.pool.state.cancel(test.first, test.pool.clock.now());
    SECTION("the next is served")
    {
        test.offer_due();
        CHECK(test.pool.given(test.second) == test.connection);
    }
    SECTION("or nobody is there")
    {
        test.pool.state.cancel(test.second, test.pool.clock.now());
        test.offer_due();
        CHECK(test.pool.state.stats().idle == 1);
    }
    SECTION("or the pool has ended")
    {
        test.pool.state.drain(test.pool.clock.now());
        test.offer_due();
        CHECK(test.pool.state.stats().closing == 1);
    }
}

TEST_CASE("once a pool has its size, acquiring and releasing allocate nothing")
{
    PoolHarness pool(pool_of(4));
    const auto all = [&pool] {
        std::vector<WaiterId> waiters;
        for (int caller = 0; caller < 6; ++caller) {
            waiters.push_back(pool.acquire(std::chrono::seconds(caller + 1)));
        }
        return waiters;
    };
    auto waiters = all();
    pool.dial_all();
    std::vector<Action> actions;
    actions.reserve(16);
    const auto round = [&] {
        const auto now = pool.clock.now();
        actions.clear();
        pool.state.take_actions(actions);
        const auto taken = pool.state.take(now);
        REQUIRE(taken != ConnectionId{});
        const auto waiting = pool.state.acquire(now, now + 1s);
        pool.state.release(taken, ReturnedAs::clean, now);
        pool.state.collect(waiting, now);
        const auto leaving = pool.state.acquire(now, now + 1s);
        pool.state.cancel(leaving, now);
        pool.state.release(taken, ReturnedAs::clean, now);
    };
    for (const auto waiter : waiters) {
        if (const auto given = pool.given(waiter)) {
            pool.state.collect(waiter, pool.clock.now());
        } else {
            pool.state.cancel(waiter, pool.clock.now());
        }
    }
    for (int loan = 0; loan < 3; ++loan) {
        pool.release(*pool.given(waiters[static_cast<std::size_t>(loan)]));
    }
    const auto last = *pool.given(waiters[3]);
    for (int kept = 0; kept < 3; ++kept) {
        pool.acquire_now();
    }
    pool.release(last); // one that goes to and fro
    round();
    round();
    const auto before = allocations_of_this_thread();
    for (int again = 0; again < 100; ++again) {
        round();
    }
    CHECK(allocations_of_this_thread() == before);
}
