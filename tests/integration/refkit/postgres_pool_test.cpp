// The pool over a real PostgreSQL: how connections come back, and what it does about servers that fail it.
#include "refkit/pool/postgres_adapter.hpp"

#include "catch.hpp"
#include "integration/refkit/in_a_fork.hpp"
#include "integration/servers.hpp"
#include "run_task.hpp"

#include <fstream>
#include <set>

using namespace squall;
using namespace squall::refkit;
using namespace squall::testing;
using namespace std::chrono_literals;

namespace {

PostgresServer& server()
{
    static PostgresServer shared;
    return shared;
}

/// A pool that runs until the test ends.
struct Fixture {
    explicit Fixture(PoolParams params = {}, const std::string& url = server().url("application_name=pool"))
        : pool(io.get_executor(), PostgresAdapter{url}, std::move(params), Random(1))
    {
        pool.async_run([this](error_code) { ended = true; });
    }
    ~Fixture()
    {
        run_task(io, pool.drain(10s));
        while (!ended && io.run_one() > 0) {
        }
        CHECK(pool.stats().total == 0);
    }

    PostgresPool::Loan take()
    {
        auto got = run_task(io, pool.acquire());
        REQUIRE(got.has_value());
        return std::move(*got);
    }
    wire::PostgresResult<wire::PostgresRows> query(PostgresPool::Loan& loan, const std::string& sql)
    {
        return run_task(io, loan->query(sql, {}, in(10s)));
    }
    std::string value(PostgresPool::Loan& loan, const std::string& sql)
    {
        const auto rows = query(loan, sql);
        REQUIRE(rows.has_value());
        return rows->rows.at(0).at(0).value_or("");
    }
    /// Until no connection is being reset or closed any more.
    void settle()
    {
        while (pool.stats().resetting + pool.stats().closing > 0) {
            REQUIRE(io.run_one_for(10s) == 1);
        }
    }
    /// Begins a statement of 30 s and gives up waiting for it.
    void abandon(PostgresPool::Loan& loan)
    {
        const auto late = run_task(io, loan->query("SELECT pg_sleep(30)", {}, in(50ms)));
        REQUIRE(late.has_error());
        REQUIRE(late.error().kind == wire::PostgresError::Kind::timeout);
        REQUIRE(loan->transaction_status() == wire::TransactionStatus::active);
    }

    asio::io_context io;
    PostgresPool pool;
    bool ended = false;
};

PoolParams one(ResetOnReturn reset_on_return = ResetOnReturn::rollback)
{
    PoolParams params;
    params.max = 1;
    params.reset_on_return = reset_on_return;
    return params;
}

int parent_of(int pid)
{
    std::ifstream status(fmt::format("/proc/{}/status", pid));
    for (std::string word; status >> word;) {
        if (word == "PPid:") {
            int parent = 0;
            status >> parent;
            return parent;
        }
    }
    return 0;
}

} // namespace

TEST_CASE("a connection that comes back inside a transaction is rolled back")
{
    Fixture test(one());
    int pid = 0;
    {
        auto loan = test.take();
        pid = loan->backend_pid();
        REQUIRE(test.query(loan, "BEGIN").has_value());
        SECTION("in order")
        {
            REQUIRE(test.query(loan, "CREATE TABLE left_behind (x int)").has_value());
        }
        SECTION("failed")
        {
            REQUIRE(test.query(loan, "SELECT 1/0").has_error());
        }
    }
    auto next = test.take();
    CHECK(next->backend_pid() == pid);
    CHECK(next->transaction_status() == wire::TransactionStatus::idle);
    CHECK(test.value(next, "SELECT to_regclass('left_behind') IS NULL") == "t");
    CHECK(test.pool.stats().resets == 1);
}

TEST_CASE("a statement that nobody waits for any more is cancelled, and its connection is used again")
{
    Fixture test(one());
    auto loan = test.take();
    const int pid = loan->backend_pid();
    if (GENERATE(false, true)) {
        REQUIRE(test.query(loan, "BEGIN").has_value());
    }
    test.abandon(loan);
    const auto returned_at = std::chrono::steady_clock::now();
    loan.give_back();
    CHECK(test.pool.stats().resetting == 1); // it counts meanwhile, and nobody gets it
    auto next = test.take();
    CHECK(std::chrono::steady_clock::now() - returned_at < 2s);
    CHECK(next->backend_pid() == pid);
    for (int question = 0; question < 100; ++question) {
        REQUIRE(test.value(next, fmt::format("SELECT {}", question)) == std::to_string(question));
    }
    CHECK(test.pool.stats().failed_resets == 0);
}

TEST_CASE("a loan that is discarded in the middle of a statement leaves none behind on the server")
{
    Fixture test(one());
    auto loan = test.take();
    test.abandon(loan);
    loan.discard();
    test.settle();
    auto next = test.take();
    CHECK(test.value(next, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' "
                           "AND state = 'active'") == "0");
}

TEST_CASE("reset_on_return says what a returned connection forgets")
{
    const std::string set = "SET my.mark = 'left'";
    const std::string get = "SELECT coalesce(current_setting('my.mark', true), '')";
    SECTION("rollback: nothing outside of a transaction")
    {
        Fixture test(one(ResetOnReturn::rollback));
        auto loan = test.take();
        REQUIRE(test.query(loan, set).has_value());
        loan.give_back();
        auto next = test.take();
        CHECK(test.value(next, get) == "left");
        CHECK(test.pool.stats().resets == 0);
    }
    SECTION("discard_all: the session, but for the statement_timeout of the pool")
    {
        auto params = one(ResetOnReturn::discard_all);
        params.statement_timeout = 7s;
        Fixture test(params);
        auto loan = test.take();
        CHECK(test.value(loan, "SHOW statement_timeout") == "7s");
        REQUIRE(test.query(loan, set).has_value());
        const int pid = loan->backend_pid();
        SECTION("in a transaction, too")
        {
            REQUIRE(test.query(loan, "BEGIN").has_value());
        }
        SECTION("and out of one") {}
        loan.give_back();
        auto next = test.take();
        CHECK(next->backend_pid() == pid);
        CHECK(test.value(next, get).empty());
        CHECK(test.value(next, "SHOW statement_timeout") == "7s");
        next.return_without_reset();
        CHECK(test.pool.stats().resets == 1);
    }
    SECTION("custom: what the statement says")
    {
        auto params = one(ResetOnReturn::custom);
        params.custom_reset = "SET my.mark = 'cleaned'";
        Fixture test(params);
        auto loan = test.take();
        REQUIRE(test.query(loan, set).has_value());
        loan.give_back();
        auto next = test.take();
        CHECK(test.value(next, get) == "cleaned");
    }
    SECTION("custom that fails: the connection is closed")
    {
        auto params = one(ResetOnReturn::custom);
        params.custom_reset = "SELECT no_such_thing";
        Fixture test(params);
        const int pid = test.take()->backend_pid();
        CHECK(test.take()->backend_pid() != pid);
        CHECK(test.pool.stats().failed_resets >= 1);
    }
    SECTION("none: what is not idle is closed")
    {
        Fixture test(one(ResetOnReturn::none));
        auto loan = test.take();
        const int pid = loan->backend_pid();
        REQUIRE(test.query(loan, "BEGIN").has_value());
        loan.give_back();
        auto next = test.take();
        CHECK(next->backend_pid() != pid);
        CHECK(test.pool.stats().resets == 0);
    }
}

TEST_CASE("the server ends statements that outlast statement_timeout")
{
    auto params = one();
    params.statement_timeout = 50ms;
    Fixture test(params);
    auto loan = test.take();
    const auto late = test.query(loan, "SELECT pg_sleep(5)");
    REQUIRE(late.has_error());
    CHECK(late.error().sqlstate == "57014");
    CHECK(test.value(loan, "SELECT 1") == "1");
}

TEST_CASE("connections that an administrator ends are replaced")
{
    PoolParams params;
    params.max = 3;
    params.validate_after = 0ns; // asked before every use
    Fixture test(params);
    std::set<int> ended;
    {
        auto first = test.take();
        auto second = test.take();
        auto killer = test.take();
        ended = {first->backend_pid(), second->backend_pid()};
        second.give_back();
        for (const auto pid : ended) {
            REQUIRE(test.value(killer, fmt::format("SELECT pg_terminate_backend({}, 5000)", pid)) == "t");
        }
        CHECK(test.query(first, "SELECT 1").has_error());
    }
    for (int round = 0; round < 2; ++round) {
        auto one_more = test.take();
        auto another = test.take();
        auto third = test.take();
        for (auto* loan : {&one_more, &another, &third}) {
            CHECK_FALSE(ended.contains((*loan)->backend_pid()));
            CHECK(test.value(*loan, "SELECT 1") == "1");
        }
    }
}

TEST_CASE("a server that accepts and never answers holds nobody up for longer than the deadlines say")
{
    asio::io_context io;
    asio::ip::tcp::acceptor silent(io, {asio::ip::address_v4::loopback(), 0});
    PoolParams params;
    params.max = 2;
    params.connect_timeout = 200ms;
    params.acquire_timeout = 300ms;
    Fixture test(params, fmt::format("postgresql://postgres:secret@127.0.0.1:{}/postgres?sslmode=disable",
                                     silent.local_endpoint().port()));
    const auto begun = std::chrono::steady_clock::now();
    const auto got = run_task(test.io, test.pool.acquire());
    REQUIRE(got.has_error());
    CHECK(got.error().code == make_error_code(Errc::acquire_timeout));
    CHECK(got.error().counts.failed_dials >= 1);
    CHECK(got.error().last_connect_error.find("no answer in time") != std::string::npos);
    CHECK(std::chrono::steady_clock::now() - begun < 5s);
}

TEST_CASE("a connection whose cancel request is not answered is closed, never lent again")
{
    auto params = one();
    params.reset_timeout = 200ms;
    params.close_timeout = 200ms;
    Fixture test(params);
    auto loan = test.take();
    const int pid = loan->backend_pid();
    const int postmaster = parent_of(pid);
    REQUIRE(postmaster > 1);
    test.abandon(loan);
    REQUIRE(kill(postmaster, SIGSTOP) == 0); // the kernel still accepts for it
    loan.give_back();
    test.settle();
    CHECK(test.pool.stats().failed_resets == 1);
    REQUIRE(kill(postmaster, SIGCONT) == 0);
    auto next = test.take();
    CHECK(next->backend_pid() != pid);
    for (int question = 0; question < 100; ++question) {
        REQUIRE(test.value(next, fmt::format("SELECT {}", question)) == std::to_string(question));
    }
}

TEST_CASE("bug 16: a fork of the process leaves the connections to its parent, and opens its own")
{
    PoolParams params;
    params.max = 3;
    Fixture test(params);
    auto held = test.take();
    auto idle = test.take();
    const std::set<int> pids = {held->backend_pid(), idle->backend_pid()};
    idle.give_back();
    SECTION("it uses the pool")
    {
        CHECK(holds_in_a_fork(test.io, [&] {
            auto own = test.pool.acquire();
            auto got = run_task(test.io, std::move(own));
            const bool another = got && !pids.contains((*got)->backend_pid());
            const auto rows = run_task(test.io, (*got)->query("SELECT 42", {}, in(10s)));
            const bool inherited_is_dead = run_task(test.io, held->query("SELECT 1", {}, in(10s))).has_error();
            return another && rows && rows->rows.at(0).at(0) == "42" && inherited_is_dead;
        }));
    }
    SECTION("it lets go of all it has")
    {
        CHECK(holds_in_a_fork(test.io, [&] {
            held.give_back();
            return run_task(test.io, test.pool.drain(10s));
        }));
    }
    for (int question = 0; question < 10; ++question) {
        REQUIRE(test.value(held, fmt::format("SELECT {}", question)) == std::to_string(question));
    }
    auto again = test.take();
    CHECK(pids.contains(again->backend_pid()));
    CHECK(test.value(again, "SELECT 7") == "7");
}
