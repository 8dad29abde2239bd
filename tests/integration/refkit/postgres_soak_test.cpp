// Very many acquisitions over a real PostgreSQL by callers that break off anywhere: not one connection may be lost.
// SQUALL_ACQUISITIONS=1000000 runs more of them than a test should.
#include "refkit/pool/postgres_adapter.hpp"

#include "catch.hpp"
#include "integration/refkit/broken_off.hpp"
#include "integration/servers.hpp"
#include "run_task.hpp"

#include <cstdlib>

using namespace squall;
using namespace squall::refkit;
using namespace squall::testing;
using namespace std::chrono_literals;

namespace {

struct Counts {
    std::uint64_t left = 0; // acquisitions still to be tried
    std::uint64_t served = 0;
    std::uint64_t refused = 0;
    std::uint64_t cancelled = 0;
    std::uint64_t wrong_answers = 0;
    std::uint64_t hit_by_others = 0; // cancelled by a request that was not theirs
    int callers = 0;
};

/// One loan: a question whose answer is known, perhaps a transaction that is left open.
Task<void> use(PostgresPool::Loan loan, Random* random, Counts* counts)
{
    const auto number = std::to_string(random->between(0, 1'000'000));
    const auto kind = random->uniform();
    if (kind < 0.2) {
        auto begin = loan->query("BEGIN", {}, std::chrono::steady_clock::now() + 10s);
        co_await std::move(begin);
    }
    auto sql = kind < 0.7 ? fmt::format("SELECT {}", number)
                          : fmt::format("SELECT {}, pg_sleep({:.4f})", number, random->uniform() * 0.004);
    const Duration patience = random->uniform() < 0.1 ? Duration(1ms) : Duration(10s);
    auto asking = loan->query(std::move(sql), {}, std::chrono::steady_clock::now() + patience);
    const auto answer = co_await std::move(asking);
    if (answer) {
        counts->wrong_answers += answer->rows.at(0).at(0) == number ? 0U : 1U;
    } else if (answer.error().sqlstate == "57014") {
        ++counts->hit_by_others; // its own giving up never shows as that
    }
    if (random->uniform() < 0.02) {
        loan.discard();
    }
}

Task<void> use_once(PostgresPool* pool, Random* random, Counts* counts)
{
    auto asking = pool->acquire();
    auto got = co_await std::move(asking);
    if (!got) {
        ++counts->refused;
        co_return;
    }
    ++counts->served;
    auto using_it = use(std::move(*got), random, counts);
    co_await std::move(using_it);
}

Task<void> live(PostgresPool* pool, Random random, Counts* counts)
{
    while (counts->left > 0) {
        --counts->left;
        auto round = perhaps_broken_off(use_once(pool, &random, counts), &random, 4ms);
        const bool broken_off = co_await std::move(round);
        counts->cancelled += broken_off ? 1U : 0U;
    }
    --counts->callers;
}

std::uint64_t sessions(const std::string& url)
{
    const std::unique_ptr<PGconn, decltype(&PQfinish)> watcher(PQconnectdb(url.c_str()), &PQfinish);
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(
        PQexec(watcher.get(), "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'soak'"), &PQclear);
    REQUIRE(PQresultStatus(result.get()) == PGRES_TUPLES_OK);
    return std::stoull(PQgetvalue(result.get(), 0, 0));
}

} // namespace

TEST_CASE("callers that break off anywhere lose no connection and hit nobody else's statement")
{
    const char* wanted = std::getenv("SQUALL_ACQUISITIONS");
    const char* seed = std::getenv("SQUALL_TEST_SEED");
    const std::uint64_t acquisitions = wanted != nullptr ? std::stoull(wanted) : 20'000;
    const Random random(seed != nullptr ? std::stoull(seed) : 1);

    PostgresServer server(40);
    asio::io_context io;
    PoolParams params;
    params.max = 8;
    params.min_idle = 2;
    params.max_usage = 500;
    PostgresPool pool(io.get_executor(), PostgresAdapter{server.url("application_name=soak")}, params, random);
    pool.async_run([](error_code) {});

    Counts counts{.left = acquisitions, .callers = 24};
    const auto begun = std::chrono::steady_clock::now();
    for (int caller = 0; caller < counts.callers; ++caller) {
        asio::co_spawn(io, live(&pool, random.stream("caller", static_cast<std::uint64_t>(caller)), &counts),
                       [](const std::exception_ptr& thrown) { REQUIRE(thrown == nullptr); });
    }
    while (counts.callers > 0) {
        REQUIRE(io.run_one_for(30s) == 1);
        REQUIRE(pool.stats().total <= params.max);
    }
    while (pool.stats().resetting + pool.stats().closing + pool.stats().constructing > 0) {
        REQUIRE(io.run_one_for(30s) == 1);
    }
    const auto took = to_seconds(std::chrono::steady_clock::now() - begun);
    const auto stats = pool.stats();
    fmt::print("{} acquisitions in {:.1f} s: {} served, {} cancelled, {} refused, {} reset ({} failed), {} dials; "
               "{} acquired, {} of the pool, {} on the server\n",
               acquisitions, took, counts.served, counts.cancelled, counts.refused, stats.resets, stats.failed_resets,
               stats.dials, stats.acquired, stats.total, sessions(server.url()));
    CHECK(counts.wrong_answers == 0);
    CHECK(counts.hit_by_others == 0);
    CHECK(stats.acquired == 0);
    CHECK(stats.waiters == 0);
    CHECK(stats.idle == stats.total);
    CHECK(sessions(server.url()) == stats.total);
    CHECK(stats.resets > 0);

    CHECK(run_task(io, pool.drain(10s)));
    // A closed socket's session ends when the server has seen it.
    for (int look = 0; look < 500 && sessions(server.url()) > 0; ++look) {
        poll(nullptr, 0, 10);
    }
    CHECK(sessions(server.url()) == 0);
}
