// Several pools under one bound.
#include "catch.hpp"
#include "unit/refkit/pool/pool_harness.hpp"

#include <memory>
#include <random>

using namespace squall;
using namespace squall::refkit;
using namespace std::chrono_literals;

namespace {

/// Two tiers whose dials and closes take no time; what one changes the other hears of.
struct TwoTiers {
    TwoTiers(std::size_t budget_max, PoolParams login_params, PoolParams report_params)
        : budget(std::make_shared<PoolBudget>(budget_max)),
          login(login_params, true, budget),
          report(report_params, true, budget)
    {
        settle();
    }

    void settle()
    {
        for (bool again = true; again;) {
            again = false;
            for (auto* pool : {&login, &report}) {
                pool->dial_all();
                for (const auto id : std::exchange(pool->closes, {})) {
                    pool->state.closed(id, pool->clock.now());
                    pool->take();
                }
                if (std::exchange(pool->budget_changed, false)) {
                    again = true;
                    auto& other = pool == &login ? report : login;
                    other.state.look(other.clock.now());
                    other.take();
                }
                CHECK(login.state.stats().total + report.state.stats().total <= budget->max());
            }
        }
    }
    ConnectionId lend(PoolHarness& pool)
    {
        const auto waiter = pool.acquire();
        settle();
        REQUIRE(pool.given(waiter).has_value());
        pool.state.collect(waiter, pool.clock.now());
        return *pool.given(waiter);
    }

    std::shared_ptr<PoolBudget> budget;
    PoolHarness login;
    PoolHarness report;
};

} // namespace

TEST_CASE("a tier borrows what others do not use, but never their minimum")
{
    TwoTiers tiers(5, pool_of(5, 2), pool_of(5));
    for (int i = 0; i < 20; ++i) {
        tiers.report.acquire(1h);
    }
    tiers.settle();
    CHECK(tiers.report.state.stats().acquired == 3);
    CHECK(tiers.login.state.stats().idle == 2);
    tiers.lend(tiers.login);
    tiers.lend(tiers.login);
}

TEST_CASE("a minimum that is not dialed yet is kept as well")
{
    TwoTiers tiers(4, pool_of(4, 2), pool_of(4));
    const auto lost = tiers.lend(tiers.login);
    for (int i = 0; i < 20; ++i) {
        tiers.report.acquire(1h);
    }
    tiers.settle();
    tiers.login.release(lost, ReturnedAs::broken);
    tiers.settle();
    CHECK(tiers.report.state.stats().acquired == 2);
    CHECK(tiers.login.state.stats().idle == 2);
}

TEST_CASE("what lies idle in one tier is closed for another that waits")
{
    TwoTiers tiers(4, pool_of(4), pool_of(4));
    std::vector<ConnectionId> lent;
    for (int i = 0; i < 4; ++i) {
        lent.push_back(tiers.lend(tiers.report));
    }
    const auto waiting = tiers.login.acquire();
    tiers.settle();
    CHECK_FALSE(tiers.login.given(waiting));
    tiers.report.release(lent[0]);
    tiers.settle();
    CHECK(tiers.login.given(waiting).has_value());
    CHECK(tiers.report.state.stats().total == 3);

    SECTION("and no more than it waits for")
    {
        tiers.report.release(lent[1]);
        tiers.settle();
        CHECK(tiers.report.state.stats().idle == 1);
    }
}

TEST_CASE("two tiers that both want more take turns")
{
    TwoTiers tiers(2, pool_of(2), pool_of(2));
    std::vector<ConnectionId> lent{tiers.lend(tiers.report), tiers.lend(tiers.report)};
    std::vector<WaiterId> logins;
    for (int i = 0; i < 5; ++i) {
        tiers.report.acquire(1h);
        logins.push_back(tiers.login.acquire(1h));
    }
    for (const auto id : lent) {
        tiers.report.release(id, ReturnedAs::broken); // makes room for whoever's turn it is
        tiers.settle();
    }
    CHECK(tiers.login.state.stats().acquired == 1);
    CHECK(tiers.report.state.stats().acquired == 1);
}

TEST_CASE("a tier whose dials fail does not keep the others from dialing")
{
    TwoTiers tiers(2, pool_of(2), pool_of(2));
    tiers.login.acquire(1h);
    tiers.login.acquire(1h);
    tiers.login.fail_dial();
    tiers.login.fail_dial(); // and waits for its backoff
    tiers.lend(tiers.report);
}

TEST_CASE("a tier that ends gives back what it had and what was kept for it")
{
    TwoTiers tiers(3, pool_of(3, 1), pool_of(3, 1));
    tiers.login.state.stop(tiers.login.clock.now());
    tiers.login.take();
    tiers.settle();
    CHECK(tiers.budget->used(0) == 0);
    for (int i = 0; i < 3; ++i) {
        tiers.report.acquire(1h);
    }
    tiers.settle();
    CHECK(tiers.report.state.stats().acquired == 3);
}

TEST_CASE("whatever two tiers do, together they stay within the budget, and nobody waits beside what lies idle")
{
    const char* given = std::getenv("SQUALL_TEST_SEED");
    const std::uint64_t first = given != nullptr ? std::stoull(given) : std::random_device{}();
    for (std::uint64_t seed = first; seed < first + (given != nullptr ? 1 : 100); ++seed) {
        INFO("replay with SQUALL_TEST_SEED=" << seed);
        Random random(seed);
        const auto budget = static_cast<std::size_t>(random.between(2, 6));
        const auto minimum = [&] { return static_cast<std::size_t>(random.between(0, 1)); };
        TwoTiers tiers(budget, pool_of(budget, minimum()), pool_of(budget, minimum()));
        std::map<PoolHarness*, std::vector<ConnectionId>> lent;
        for (int step = 0; step < 200; ++step) {
            auto& pool = random.uniform() < 0.5 ? tiers.login : tiers.report;
            if (random.uniform() < 0.5) {
                pool.acquire(24h);
            } else if (!lent[&pool].empty()) {
                pool.release(lent[&pool].back(), random.uniform() < 0.2 ? ReturnedAs::broken : ReturnedAs::clean);
                lent[&pool].pop_back();
            }
            tiers.settle();
            for (auto* each : {&tiers.login, &tiers.report}) {
                for (const auto& complete : std::exchange(each->completions, {})) {
                    each->state.collect(complete.waiter, each->clock.now());
                    lent[each].push_back(std::get<ConnectionId>(complete.outcome));
                }
            }
            const auto login = tiers.login.state.stats();
            const auto report = tiers.report.state.stats();
            REQUIRE(tiers.budget->used() == login.total + report.total);
            if (login.waiters + report.waiters > 0) {
                REQUIRE(login.idle <= tiers.login.state.params().min_idle);
                REQUIRE(report.idle <= tiers.report.state.params().min_idle);
                REQUIRE(login.total + report.total == budget);
            }
        }
    }
}
