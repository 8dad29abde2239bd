// The pool over real SQLite files: who waits for whom, and how connections come back.
#include "integration/refkit/sqlite_world.hpp"

using namespace squall;
using namespace squall::refkit;
using namespace squall::testing;
using namespace std::chrono_literals;

namespace {

Instant now()
{
    return std::chrono::steady_clock::now();
}

/// Counts the executor's turns of 5 ms, to see that nothing blocks it.
Task<void> tick(int* ticks, const bool* over)
{
    asio::steady_timer timer(co_await asio::this_coro::executor);
    while (!*over) {
        timer.expires_after(5ms);
        co_await timer.async_wait(use_result);
        ++*ticks;
    }
}

Task<void> ask(SqliteConnection* connection, std::string sql, Instant deadline,
               std::optional<SqliteResult<SqliteRows>>* answer)
{
    std::vector<SqliteValue> no_parameters;
    auto asking = connection->query(std::move(sql), std::move(no_parameters), deadline);
    answer->emplace(co_await std::move(asking));
}

} // namespace

TEST_CASE("values come back from SQLite as they were given")
{
    SqliteWorld test;
    auto loan = test.take();
    test.must(loan, "CREATE TABLE t (n, i, r, s, b, empty)");
    const std::vector<SqliteValue> given{
        std::monostate(), std::int64_t{-1} << 62, 2.5, std::string("a\0ä", 4), SqliteBlob{std::byte{0}, std::byte{255}},
        SqliteBlob()};
    const auto inserted = run_task(*test.io, loan->execute("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)", given, in(5s)));
    REQUIRE(inserted.has_value());
    CHECK(inserted->rows == 1);
    CHECK(inserted->last_row_id == 1);
    const auto answer = test.query(loan, "SELECT 1; SELECT * FROM t; -- and no more");
    REQUIRE(answer.has_value());
    CHECK(answer->columns == std::vector<std::string>{"n", "i", "r", "s", "b", "empty"});
    REQUIRE(answer->rows.size() == 1);
    CHECK((answer->rows[0] == given));
}

TEST_CASE("what SQLite does not take is an error with its message, and the connection stays")
{
    SqliteWorld test(at_most(1));
    auto loan = test.take();
    test.mark(loan);
    test.must(loan, "CREATE TABLE t (x UNIQUE); INSERT INTO t VALUES (1)");
    const auto [sql, message] = GENERATE(table<std::string, std::string>({
        {"SELEC 1", "near \"SELEC\": syntax error"},
        {"INSERT INTO t VALUES (1)", "UNIQUE constraint failed: t.x"},
        {"SELECT ?", "the statement has 1 parameters, 0 were given"},
    }));
    const auto answer = test.query(loan, sql);
    REQUIRE(answer.has_error());
    CHECK(answer.error().kind == SqliteError::Kind::statement);
    CHECK(answer.error().message == message);
    loan.give_back();
    auto next = test.take();
    CHECK(test.marked(next));
}

TEST_CASE("readers and a writer of one file in WAL mode do not wait for each other")
{
    SqliteWorld test(at_most(8));
    std::vector<SqlitePool::Loan> readers;
    auto writer = test.take();
    test.must(writer, "CREATE TABLE t (x); INSERT INTO t VALUES (1)");
    for (int reader = 0; reader < 7; ++reader) {
        readers.push_back(test.take());
        test.must(readers.back(), "BEGIN");
        CHECK(test.number(readers.back(), "SELECT count(*) FROM t") == 1);
    }
    CHECK(sqlite_threads() == 8);
    CHECK(test.query(writer, "BEGIN IMMEDIATE; INSERT INTO t VALUES (2); COMMIT", 2s).has_value());
    for (auto& reader : readers) {
        CHECK(test.number(reader, "SELECT count(*) FROM t") == 1); // as when its transaction began
        test.must(reader, "COMMIT");
        CHECK(test.number(reader, "SELECT count(*) FROM t") == 2);
    }
}

TEST_CASE("connections that are opened on a new file all at once come to share its WAL mode")
{
    auto params = at_most(8);
    params.min_idle = 8;
    SqliteWorld test(params);
    CHECK(run_until(*test.io, [&] { return test.pool->stats().idle == 8; }));
    CHECK(test.pool->stats().failed_dials == 0);
    auto loan = test.take();
    const auto mode = test.query(loan, "PRAGMA journal_mode");
    REQUIRE(mode.has_value());
    CHECK((mode->rows.at(0).at(0) == SqliteValue("wal")));
}

TEST_CASE("another connection's lock is waited for until the deadline, and blocks nobody else")
{
    SqliteWorld test(at_most(2));
    auto holder = test.take();
    auto other = test.take();
    test.must(holder, "CREATE TABLE t (x); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)");
    SECTION("passed: SQLite's word on it, and the connection works on")
    {
        int ticks = 0;
        bool over = false;
        asio::co_spawn(*test.io, tick(&ticks, &over), asio::detached);
        const auto begun = now();
        const auto late = test.query(other, "INSERT INTO t VALUES (2)", 300ms);
        const auto took = now() - begun;
        over = true;
        REQUIRE(late.has_error());
        CHECK(late.error().kind == SqliteError::Kind::timeout);
        CHECK(late.error().message == "not done in time: database is locked");
        CHECK((late.error().code & 0xff) == 5); // SQLITE_BUSY
        CHECK(took >= 300ms);
        CHECK(took < 2s);
        CHECK(ticks > 10);
        test.must(holder, "COMMIT");
        test.must(other, "INSERT INTO t VALUES (3)");
    }
    SECTION("not passed: it is had when the other lets go")
    {
        std::optional<SqliteResult<SqliteRows>> answer;
        asio::co_spawn(*test.io, ask(&*other, "INSERT INTO t VALUES (2)", in(10s), &answer), asio::detached);
        run_until(
            *test.io, [] { return false; }, 30ms);
        CHECK_FALSE(answer.has_value());
        test.must(holder, "COMMIT");
        REQUIRE(run_until(
            *test.io, [&] { return answer.has_value(); }, 5s));
        CHECK(answer->has_value());
    }
    SECTION("where waiting cannot help it is told at once")
    {
        test.must(holder, "COMMIT");
        test.must(other, "BEGIN; SELECT * FROM t");
        test.must(holder, "INSERT INTO t VALUES (2)");
        const auto stale = test.query(other, "INSERT INTO t VALUES (3)");
        REQUIRE(stale.has_error());
        CHECK(stale.error().kind == SqliteError::Kind::busy);
    }
}

TEST_CASE("a statement that outlasts its deadline is interrupted, and its connection is used again")
{
    auto params = at_most(1);
    Duration patience = 100ms;
    SECTION("its caller's") {}
    SECTION("the pool's statement_timeout")
    {
        params.statement_timeout = 100ms;
        patience = 20s;
    }
    SqliteWorld test(params);
    auto loan = test.take();
    test.mark(loan);
    const auto begun = now();
    const auto late = test.query(loan, endless, patience);
    CHECK(now() - begun >= 100ms);
    CHECK(now() - begun < 2s);
    REQUIRE(late.has_error());
    CHECK(late.error().kind == SqliteError::Kind::timeout);
    CHECK(late.error().message == "not done in time: interrupted");
    CHECK(test.marked(loan));
    loan.give_back();
    CHECK(test.pool->stats().idle == 1);
}

TEST_CASE("a statement whose caller is cancelled is interrupted, and its connection is used again")
{
    SqliteWorld test(at_most(1, GENERATE(ResetOnReturn::rollback, ResetOnReturn::none)));
    auto loan = test.take();
    test.mark(loan);
    asio::cancellation_signal signal;
    std::optional<SqliteResult<SqliteRows>> answer;
    asio::co_spawn(*test.io, ask(&*loan, endless, in(60s), &answer),
                   asio::bind_cancellation_slot(signal.slot(), asio::detached));
    run_until(
        *test.io, [] { return false; }, 20ms);
    REQUIRE(loan->condition().working);
    signal.emit(asio::cancellation_type::terminal);
    REQUIRE(run_until(
        *test.io, [&] { return answer.has_value(); }, 2s));
    REQUIRE(answer->has_error());
    CHECK(answer->error().kind == SqliteError::Kind::cancelled);
    loan.give_back();
    const auto begun = now();
    auto next = test.take();
    CHECK(now() - begun < 2s);
    CHECK_FALSE(next->condition().working);
    const bool kept = test.pool->params().reset_on_return == ResetOnReturn::rollback;
    const bool replaced = test.pool->stats().dials == 2;
    CHECK((test.marked(next) || replaced));
    CHECK((kept ? test.marked(next) : true));
}

TEST_CASE("reset_on_return says what a returned SQLite connection forgets")
{
    const auto how =
        GENERATE(ResetOnReturn::rollback, ResetOnReturn::discard_all, ResetOnReturn::custom, ResetOnReturn::none);
    auto params = at_most(1, how);
    if (how == ResetOnReturn::custom) {
        params.custom_reset = "DROP TABLE IF EXISTS temp.mark; PRAGMA user_version = 7";
    }
    SqliteWorld test(params);
    {
        auto loan = test.take();
        test.mark(loan);
        test.must(loan, "BEGIN; CREATE TABLE left_behind (x)");
    }
    auto next = test.take();
    CHECK(test.number(next, "SELECT count(*) FROM sqlite_schema") == 0);
    test.must(next, "BEGIN; ROLLBACK"); // it would fail inside of one
    CHECK(test.marked(next) == (how == ResetOnReturn::rollback || how == ResetOnReturn::discard_all));
    CHECK(test.number(next, "PRAGMA user_version") == (how == ResetOnReturn::custom ? 7 : 0));
    CHECK(test.pool->stats().dials == (how == ResetOnReturn::none ? 2U : 1U));
    CHECK(test.pool->stats().failed_resets == 0);
}

TEST_CASE("a database that cannot be opened is told in time, with SQLite's reason")
{
    const SqliteFolder folder;
    std::ofstream(folder.file("letter.txt")) << std::string(4096, 'x');
    const std::vector<std::pair<SqliteOpening, std::string>> cases{
        {{.file = folder.file("letter.txt")}, "letter.txt: file is not a database"},
        {{.file = folder.file("missing/data.sqlite")}, "data.sqlite: unable to open database file"},
        {{.file = folder.file("data.sqlite"), .create = false}, "data.sqlite: unable to open database file"},
        {{.file = ":memory:", .write_ahead_log = true},
         "it cannot have a write-ahead log; its journal mode stays memory"},
        {{.file = folder.file("data.sqlite"), .first = "PRAGMA no such"}, "near \"such\": syntax error"},
    };
    const auto& [opening, reason] = cases[GENERATE(range(0U, 5U))];
    auto params = at_most(2);
    params.acquire_timeout = 300ms;
    SqliteWorld test(params, opening);
    const auto begun = now();
    const auto got = run_task(*test.io, test.pool->acquire());
    REQUIRE(got.has_error());
    CHECK(got.error().code == make_error_code(Errc::acquire_timeout));
    CHECK_THAT(got.error().last_connect_error, ContainsSubstring(reason));
    CHECK(got.error().counts.failed_dials >= 1);
    CHECK(now() - begun < 3s);
}

TEST_CASE("a pool that goes while a statement runs leaves no thread")
{
    SqliteWorld test(at_most(2));
    auto loan = test.take();
    std::optional<SqliteResult<SqliteRows>> answer;
    asio::co_spawn(*test.io, ask(&*loan, endless, in(60s), &answer), asio::detached);
    run_until(
        *test.io, [] { return false; }, 20ms);
    REQUIRE(sqlite_threads() == 1);
    const auto begun = now();
    SECTION("drained for too short a time: the statement fails under its user's hands")
    {
        CHECK_FALSE(run_task(*test.io, test.pool->drain(50ms)));
        REQUIRE(run_until(
            *test.io, [&] { return answer.has_value(); }, 2s));
        REQUIRE(answer->has_error());
        CHECK(answer->error().kind == SqliteError::Kind::broken);
        CHECK(answer->error().message == "the connection is closed");
        CHECK(threads_end(*test.io));
    }
    SECTION("destroyed: the loan's end is the connection's")
    {
        test.pool.reset();
        CHECK_FALSE(answer.has_value());
        loan.discard();
        REQUIRE(run_until(
            *test.io, [&] { return answer.has_value(); }, 2s));
        CHECK(answer->has_error());
        CHECK(threads_end(*test.io));
    }
    SECTION("with its execution context: nothing of it is touched any more")
    {
        {
            const auto gone = std::move(loan);
        }
        test.pool.reset();
        test.io.reset();
        CHECK(sqlite_threads() == 0);
    }
    CHECK(now() - begun < 5s);
}

TEST_CASE("a connection that leaves the pool ends with its owner")
{
    SqliteWorld test(at_most(1));
    auto loan = test.take();
    {
        auto mine = std::make_unique<SqliteConnection>(loan.detach());
        REQUIRE(run_task(*test.io, mine->query("SELECT 1", {}, in(5s))).has_value());
        auto unfinished = mine->query(endless, {}, in(60s));
        asio::co_spawn(*test.io, std::move(unfinished), asio::detached);
        run_until(
            *test.io, [] { return false; }, 20ms);
        CHECK(sqlite_threads() == 1);
    }
    CHECK(threads_end(*test.io));
}
