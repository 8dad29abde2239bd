// Very many acquisitions over one SQLite file by callers that break off anywhere: nothing may be left of them.
#include "integration/refkit/broken_off.hpp"
#include "integration/refkit/sqlite_world.hpp"

#include <cstdlib>

using namespace squall;
using namespace squall::refkit;
using namespace squall::testing;
using namespace std::chrono_literals;

namespace {

struct Counts {
    std::int64_t left = 0; // acquisitions still to be tried
    std::int64_t served = 0;
    std::int64_t refused = 0;   // cancelled while they waited
    std::int64_t cancelled = 0; // while they asked
    std::int64_t late = 0;
    std::int64_t wrong_answers = 0;
    std::int64_t in_transaction = 0; // when they were lent
    std::int64_t not_taken = 0;      // statements that SQLite refused, such as BEGIN inside a transaction
    int callers = 0;
};

/// A question whose answer is known, an endless one, a row, or a transaction that is left open.
Task<void> use_once(SqlitePool* pool, Random* random, Counts* counts)
{
    auto acquiring = pool->acquire();
    auto loan = co_await std::move(acquiring);
    if (!loan) {
        ++counts->refused;
        co_return;
    }
    ++counts->served;
    counts->in_transaction += (*loan)->condition().in_transaction ? 1 : 0;
    const auto number = random->between(0, 1'000'000);
    const auto kind = random->uniform();
    const bool known = kind < 0.6;
    std::string sql = known ? "SELECT ?" : kind < 0.8 ? "INSERT INTO rows VALUES (?)" : "BEGIN IMMEDIATE";
    std::vector<SqliteValue> parameters;
    if (kind < 0.8) {
        parameters.emplace_back(number);
    } else if (kind < 0.85) {
        sql = endless;
    }
    const Duration patience = kind < 0.85 && kind >= 0.8 ? Duration(2ms) : Duration(5s);
    auto asking = (*loan)->query(std::move(sql), std::move(parameters), std::chrono::steady_clock::now() + patience);
    const auto answer = co_await std::move(asking);
    if (known && answer) {
        counts->wrong_answers += answer->rows.at(0).at(0) == SqliteValue(number) ? 0 : 1;
    }
    if (!answer) {
        counts->not_taken += answer.error().kind == SqliteError::Kind::statement ? 1 : 0;
        counts->late += answer.error().kind == SqliteError::Kind::timeout ? 1 : 0;
        counts->cancelled += answer.error().kind == SqliteError::Kind::cancelled ? 1 : 0;
    }
    if (random->uniform() < 0.02) {
        loan->discard();
    }
}

Task<void> live(SqlitePool* pool, Random random, Counts* counts)
{
    while (counts->left > 0) {
        --counts->left;
        auto round = perhaps_broken_off(use_once(pool, &random, counts), &random, 1ms);
        co_await std::move(round);
    }
    --counts->callers;
}

/// Of many threads: adds its rows, one a loan.
Task<void> add_rows(SqlitePool* pool, int rows, std::atomic<int>* added)
{
    for (int row = 0; row < rows; ++row) {
        auto acquiring = pool->acquire();
        auto loan = co_await std::move(acquiring);
        if (!loan) {
            continue;
        }
        std::vector<SqliteValue> parameters(1, std::int64_t{row});
        auto inserting = (*loan)->execute("INSERT INTO rows VALUES (?)", std::move(parameters),
                                          std::chrono::steady_clock::now() + 10s);
        auto on_its_strand = asio::co_spawn(loan->executor(), std::move(inserting), asio::use_awaitable);
        const auto done = co_await std::move(on_its_strand);
        *added += done ? 1 : 0;
    }
}

} // namespace

TEST_CASE("callers that break off anywhere lose no SQLite connection, and leave nothing to the next")
{
    const char* wanted = std::getenv("SQUALL_ACQUISITIONS");
    const char* seed = std::getenv("SQUALL_TEST_SEED");
    auto params = at_most(6);
    params.min_idle = 1;
    params.max_usage = 200;
    SqliteWorld test(params);
    {
        auto loan = test.take();
        test.must(loan, "CREATE TABLE rows (x)");
    }
    const Random random(seed != nullptr ? std::stoull(seed) : 1);
    Counts counts{.left = wanted != nullptr ? std::stoll(wanted) : 10'000, .callers = 16};
    const auto begun = std::chrono::steady_clock::now();
    for (int caller = 0; caller < 16; ++caller) {
        asio::co_spawn(*test.io,
                       live(test.pool.get(), random.stream("caller", static_cast<std::uint64_t>(caller)), &counts),
                       [](const std::exception_ptr& thrown) { REQUIRE(thrown == nullptr); });
    }
    test.io->restart();
    while (counts.callers > 0) {
        REQUIRE(test.io->run_one_for(30s) == 1);
        REQUIRE(test.pool->stats().total <= params.max);
    }
    CHECK(run_until(*test.io, [&] { return test.pool->stats().idle == test.pool->stats().total; }));
    const auto stats = test.pool->stats();
    fmt::print("{} served in {:.1f} s, {} refused, {} cancelled, {} late, {} reset ({} failed), {} dials; {} open\n",
               counts.served, to_seconds(std::chrono::steady_clock::now() - begun), counts.refused, counts.cancelled,
               counts.late, stats.resets, stats.failed_resets, stats.dials, stats.total);
    CHECK(counts.wrong_answers == 0);
    CHECK(counts.in_transaction == 0);
    CHECK(counts.not_taken == 0);
    CHECK(counts.refused > 0);
    CHECK(counts.cancelled > 0);
    CHECK(counts.late > 0);
    CHECK(stats.acquired == 0);
    CHECK(stats.waiters == 0);
    CHECK(stats.resets > 0);
    CHECK(stats.failed_dials == 0);
    CHECK(threads_end(*test.io, test.pool->stats().total));
}

TEST_CASE("a SQLite pool for many threads")
{
    const SqliteFolder folder;
    auto params = at_most(4);
    params.thread_safe = true;
    std::atomic<int> added = 0;
    {
        asio::thread_pool threads(3);
        SqlitePool pool(threads.get_executor(),
                        SqliteAdapter{{.file = folder.file("data.sqlite"),
                                       .write_ahead_log = true,
                                       .first = "CREATE TABLE IF NOT EXISTS rows (x)"}},
                        params, Random(1));
        auto over = pool.async_run(asio::use_future);
        std::vector<std::future<void>> callers;
        for (int caller = 0; caller < 8; ++caller) {
            callers.push_back(asio::co_spawn(threads, add_rows(&pool, 25, &added), asio::use_future));
        }
        for (auto& caller : callers) {
            caller.get();
        }
        CHECK(pool.async_drain(10s, asio::use_future).get());
        over.get();
    }
    CHECK(added == 200);
    CHECK(sqlite_threads() == 0);
    CHECK(folder.open_files() == 0);
}
