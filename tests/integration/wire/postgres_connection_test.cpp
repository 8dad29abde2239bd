#include "wire/postgres_connection.hpp"

#include "catch.hpp"
#include "integration/servers.hpp"
#include "run_task.hpp"
#include "wire/deadline.hpp"

using namespace squall;
using namespace squall::testing;
using namespace std::chrono_literals;
using wire::PostgresConnection;
using wire::TransactionStatus;
using Kind = wire::PostgresError::Kind;

namespace {

PostgresServer& server()
{
    static PostgresServer shared;
    return shared;
}

struct Client {
    asio::io_context io;
    PostgresConnection connection{io.get_executor()};

    wire::PostgresResult<void> connect(const std::string& url, Duration within = 10s)
    {
        return run_task(io, connection.connect(url, in(within)));
    }
    wire::PostgresResult<wire::PostgresRows> query(const std::string& sql, std::vector<std::string> parameters = {},
                                                   Duration within = 10s)
    {
        return run_task(io, connection.query(sql, std::move(parameters), in(within)));
    }
};

} // namespace

TEST_CASE("a query's answer arrives whole")
{
    Client client;
    REQUIRE(client.connect(server().url()).has_value());
    CHECK(client.connection.is_open());
    CHECK(client.connection.backend_pid() > 0);

    SECTION("columns, values, NULL and the command tag")
    {
        const auto rows = client.query("SELECT 1 AS one, NULL AS nothing, '' AS empty UNION ALL SELECT 2, 'x', 'y'");
        REQUIRE(rows.has_value());
        CHECK(rows->columns == std::vector<std::string>{"one", "nothing", "empty"});
        REQUIRE(rows->rows.size() == 2);
        CHECK(rows->rows[0][0] == "1");
        CHECK_FALSE(rows->rows[0][1].has_value());
        CHECK(rows->rows[0][2] == "");
        CHECK(rows->command_tag == "SELECT 2");
        CHECK(rows->column("nothing") == 1);
        CHECK_FALSE(rows->column("absent").has_value());
    }
    SECTION("parameters are values, never SQL")
    {
        const auto rows = client.query("SELECT $1::text || $2::text", {"'; DROP", " TABLE x"});
        REQUIRE(rows.has_value());
        CHECK(rows->rows[0][0] == "'; DROP TABLE x");
    }
    SECTION("megabytes both ways")
    {
        const auto rows = client.query("SELECT repeat($1, 3)", {std::string(4'000'000, 'x')});
        REQUIRE(rows.has_value());
        CHECK(rows->rows[0][0]->size() == 12'000'000);
    }
    SECTION("of several statements the last")
    {
        CHECK(client.query("SELECT 1; SELECT 2")->rows[0][0] == "2");
    }
    SECTION("the state of the transaction is known")
    {
        CHECK(client.connection.transaction_status() == TransactionStatus::idle);
        REQUIRE(client.query("BEGIN").has_value());
        CHECK(client.connection.transaction_status() == TransactionStatus::in_transaction);
        CHECK_FALSE(client.query("SELECT 1/0").has_value());
        CHECK(client.connection.transaction_status() == TransactionStatus::in_error);
    }
}

TEST_CASE("an error of the server's leaves the connection usable")
{
    Client client;
    REQUIRE(client.connect(server().url()).has_value());
    const auto failed = client.query("SELECT * FROM no_such_table");
    REQUIRE(failed.has_error());
    CHECK(failed.error().kind == Kind::server);
    CHECK(failed.error().sqlstate == "42P01");
    CHECK(failed.error().message == "relation \"no_such_table\" does not exist");
    CHECK(client.query("SELECT 1").has_value());

    SECTION("COPY, which is not spoken, ends the connection instead of hanging")
    {
        CHECK(client.query("COPY (SELECT 1) TO STDOUT").has_error());
        CHECK_FALSE(client.connection.is_open());
    }
}

TEST_CASE("a failed connect says why and leaves nothing open")
{
    Client client;
    const auto kind_of = [&client](const std::string& url, Duration within = 10s) {
        const auto connected = client.connect(url, within);
        REQUIRE(connected.has_error());
        CHECK_FALSE(client.connection.is_open());
        CHECK(connected.error().message.find("secret") == std::string::npos);
        return connected.error();
    };

    SECTION("nobody listens")
    {
        CHECK(kind_of(fmt::format("postgresql://x:secret@127.0.0.1:{}/db", free_port())).kind == Kind::refused);
        CHECK(kind_of("host=/no/such/folder password=secret").kind == Kind::refused);
    }
    SECTION("the password is wrong")
    {
        const auto error = kind_of(fmt::format("postgresql://postgres:wrong@127.0.0.1:{}/postgres", server().port()));
        CHECK(error.kind == Kind::authentication);
        CHECK(error.sqlstate == "28P01");
    }
    SECTION("the database does not exist")
    {
        const auto error = kind_of(fmt::format("postgresql://postgres:secret@127.0.0.1:{}/nowhere", server().port()));
        CHECK(error.kind == Kind::server);
        CHECK(error.sqlstate == "3D000");
    }
    SECTION("the port takes the connection and never answers: over at the deadline")
    {
        const SilentServer silent;
        const auto began = std::chrono::steady_clock::now();
        CHECK(kind_of(fmt::format("postgresql://x@127.0.0.1:{}/db", silent.port()), 100ms).kind == Kind::timeout);
        const auto took = std::chrono::steady_clock::now() - began;
        CHECK(took >= 100ms);
        CHECK(took < 5s);
    }
    SECTION("the string is malformed")
    {
        kind_of("password=secret nonsense");
    }
    SECTION("and the next attempt can succeed")
    {
        kind_of("host=/no/such/folder");
        CHECK(client.connect(server().url()).has_value());
    }
}

TEST_CASE("of several hosts the first that answers is taken, whatever descriptors libpq opens on the way")
{
    Client client;
    const auto hosts = fmt::format("127.0.0.1:{},127.0.0.1:{},127.0.0.1:{}", free_port(), free_port(), server().port());
    REQUIRE(client.connect(fmt::format("postgresql://postgres:secret@{}/postgres", hosts), 5s).has_value());
    CHECK(client.query("SELECT 1").has_value());
}

TEST_CASE("a connection that was closed never touches the descriptor's next owner")
{
    asio::io_context io;
    auto closed = std::make_unique<PostgresConnection>(io.get_executor());
    REQUIRE(run_task(io, closed->connect(server().url(), in(10s))).has_value());
    REQUIRE(run_task(io, closed->query("SELECT 1", {}, in(10s))).has_value());
    closed->close();
    PostgresConnection next(io.get_executor()); // takes over the same number
    REQUIRE(run_task(io, next.connect(server().url(), in(10s))).has_value());
    closed.reset();
    CHECK(run_task(io, next.query("SELECT 1", {}, in(10s))).has_value());
}

TEST_CASE("a server without free places is told by its SQLSTATE")
{
    asio::io_context io;
    std::vector<PostgresConnection> open;
    std::optional<wire::PostgresError> full;
    while (!full && open.size() < 100) {
        open.emplace_back(io.get_executor());
        const auto connected = run_task(io, open.back().connect(server().url(), in(10s)));
        if (!connected) {
            full = connected.error();
        }
    }
    REQUIRE(full.has_value());
    CHECK(full->kind == Kind::server);
    CHECK(full->sqlstate == "53300");
}

TEST_CASE("a query past its deadline closes the connection")
{
    Client client;
    REQUIRE(client.connect(server().url()).has_value());
    const auto late = client.query("SELECT pg_sleep(60)", {}, 100ms);
    REQUIRE(late.has_error());
    CHECK(late.error().kind == Kind::timeout);
    CHECK_FALSE(client.connection.is_open());
    CHECK(client.query("SELECT 1").error().kind == Kind::broken);
}

TEST_CASE("a session that the server ends is broken, not an exception")
{
    Client victim;
    Client killer;
    REQUIRE(victim.connect(server().url()).has_value());
    REQUIRE(killer.connect(server().url()).has_value());
    REQUIRE(
        killer.query("SELECT pg_terminate_backend($1::int, 5000)", {std::to_string(victim.connection.backend_pid())})
            .has_value());
    const auto lost = victim.query("SELECT 1");
    REQUIRE(lost.has_error());
    CHECK(lost.error().kind == Kind::broken);
    CHECK(lost.error().sqlstate == "57P01");
    CHECK_FALSE(victim.connection.is_open());
}

namespace {

Task<void> query_into(PostgresConnection& connection, std::string sql,
                      std::optional<wire::PostgresResult<wire::PostgresRows>>& answer)
{
    answer = co_await connection.query(std::move(sql), {}, in(20s));
}

} // namespace

TEST_CASE("a running query can be cancelled at the server")
{
    Client client;
    REQUIRE(client.connect(server().url()).has_value());
    std::optional<wire::PostgresResult<wire::PostgresRows>> answer;
    std::exception_ptr thrown;
    asio::co_spawn(client.io, query_into(client.connection, "SELECT pg_sleep(60)", answer),
                   [&thrown](std::exception_ptr error) { thrown = error; });
    // The request may overtake the query, so it is repeated until the query has ended.
    while (!answer) {
        REQUIRE(run_task(client.io, client.connection.cancel(in(10s))).has_value());
        run_until(
            client.io, [&answer] { return answer.has_value(); }, 20ms);
    }
    REQUIRE_FALSE(thrown);
    CHECK(answer->error().sqlstate == "57014");
    CHECK(client.query("SELECT 1").has_value());
}

TEST_CASE("200 connects, failures and cancellations leave no descriptor and no session behind")
{
    asio::io_context io;
    const SilentServer silent;
    const auto good = server().url();
    const auto refused = fmt::format("postgresql://x@127.0.0.1:{}/db", free_port());
    const auto wrong = fmt::format("postgresql://postgres:wrong@127.0.0.1:{}/postgres", server().port());
    const auto mute = fmt::format("postgresql://x@127.0.0.1:{}/db", silent.port());
    {
        PostgresConnection warm_up(io.get_executor());
        REQUIRE(run_task(io, warm_up.connect(good, in(10s))).has_value());
    }
    const auto before = open_files();
    for (int round = 0; round < 40; ++round) {
        for (const auto& url : {good, refused, wrong}) {
            PostgresConnection connection(io.get_executor());
            CHECK(run_task(io, connection.connect(url, in(10s))).has_value() == (url == good));
        }
        PostgresConnection late(io.get_executor());
        CHECK(run_task(io, late.connect(mute, in(2ms))).error().kind == Kind::timeout);
        PostgresConnection cancelled(io.get_executor());
        asio::cancellation_signal cancel;
        bool ended = false;
        asio::co_spawn(
            io, cancelled.connect(mute, in(10s)),
            asio::bind_cancellation_slot(cancel.slot(), [&ended](std::exception_ptr, const auto&) { ended = true; }));
        asio::post(io, [&cancel] { cancel.emit(asio::cancellation_type::terminal); });
        REQUIRE(run_until(io, [&ended] { return ended; }));
        CHECK_FALSE(cancelled.is_open());
    }
    CHECK(open_files() == before);
}

TEST_CASE("PgBouncer's admin console is spoken to")
{
    const PgbouncerServer pgbouncer(server());
    Client client;
    REQUIRE(client.connect(pgbouncer.url("dbname=pgbouncer")).has_value());
    const auto pools = client.query("SHOW POOLS");
    REQUIRE(pools.has_value());
    CHECK(pools->column("cl_active").has_value());
    CHECK(client.query("SHOW NONSENSE").has_error());
}
