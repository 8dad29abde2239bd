#include "postgres_fixture.hpp"
#include "scripted_server.hpp"

#include "catch.hpp"

using namespace std::chrono_literals;

namespace squall::drivers {

using measure::ErrorKind;

TEST_CASE("statements over PostgreSQL")
{
    testing::PostgresServer server(8);
    PostgresFixture fixture;

    SECTION("a simple statement, its rows, its phases, and the connection that is kept")
    {
        const auto first =
            fixture.perform(server.url(), {"SELECT 'a' AS letter, NULL AS nothing UNION ALL VALUES('b', NULL)"});
        CHECK(first.error_text.empty());
        CHECK(first.error == ErrorKind::none);
        CHECK(first.new_connection);
        CHECK(first.rows == 2);
        CHECK(fixture.client.value("letter") == "a");
        CHECK_FALSE(fixture.client.value("nothing"));
        CHECK_FALSE(fixture.client.value("no such column"));
        CHECK(first.phases.connecting > 0ns);
        CHECK(first.phases.tls_handshaking > 0ns);
        CHECK(first.phases.waiting > 0ns);
        const auto second = fixture.perform(server.url(), {"SELECT 1"});
        CHECK(second.error == ErrorKind::none);
        CHECK_FALSE(second.new_connection);
        CHECK(second.phases.connecting + second.phases.tls_handshaking == 0ns);
    }
    SECTION("parameters, prepared and not")
    {
        for (const char* name : {static_cast<const char*>(nullptr), "sum", "sum"}) {
            const auto exchange = fixture.perform(server.url(), {"SELECT $1::int + $2::int AS sum", name, {"40", "2"}});
            CHECK(exchange.error_text.empty());
            CHECK(fixture.client.value("sum") == "42");
        }
        const auto count = fixture.perform(server.url(), {"SELECT name FROM pg_prepared_statements"});
        CHECK(count.rows == 1);
        CHECK(fixture.client.value("name") == "sum");
    }
    SECTION("a pipeline, also one with a mistake in the middle, leaves the connection usable")
    {
        const std::vector<const char*> good{"1", "2", "3"};
        const auto exchange = fixture.perform(server.url(), {"SELECT 6 / $1::int AS part", "part", good, 3});
        CHECK(exchange.error_text.empty());
        CHECK(exchange.rows == 3);
        CHECK(fixture.client.value("part") == "2");
        const std::vector<const char*> bad{"1", "0", "3"};
        const auto failed = fixture.perform(server.url(), {"SELECT 6 / $1::int AS part", "part", bad, 3});
        CHECK(failed.error == ErrorKind::query);
        CHECK(failed.error_text == "statement 2 of 3: division by zero (SQLSTATE 22012)");
        CHECK(fixture.perform(server.url(), {"SELECT 1"}).error == ErrorKind::none);
        CHECK(fixture.client.is_open());
    }
    SECTION("a transaction over several operations")
    {
        CHECK(fixture.perform(server.url(), {"CREATE TEMPORARY TABLE t (x int)"}).error == ErrorKind::none);
        CHECK(fixture.perform(server.url(), {"BEGIN"}).error == ErrorKind::none);
        CHECK(fixture.client.in_transaction());
        CHECK(fixture.perform(server.url(), {"INSERT INTO t VALUES (1), (2)"}).rows == 2);
        CHECK(fixture.perform(server.url(), {"SELEC"}).error == ErrorKind::query);
        CHECK(fixture.client.in_transaction());
        CHECK(fixture.perform(server.url(), {"ROLLBACK"}).error == ErrorKind::none);
        CHECK_FALSE(fixture.client.in_transaction());
        CHECK(fixture.perform(server.url(), {"SELECT * FROM t"}).rows == 0);
    }
    SECTION("a large answer and a large question")
    {
        const std::string long_text(5'000'000, 'x');
        const auto exchange = fixture.perform(server.url(), {"SELECT $1::text AS text", nullptr, {long_text.c_str()}});
        CHECK(exchange.error_text.empty());
        CHECK(fixture.client.value("text") == long_text);
        CHECK(exchange.bytes_received == long_text.size());
        const auto too_large =
            fixture.perform(server.url(), {"SELECT repeat('x', 1000) FROM generate_series(1, 200000)"});
        CHECK(too_large.error == ErrorKind::response_too_large);
    }
    SECTION("errors by kind, without the password")
    {
        const auto unknown = fixture.perform(server.url(), {"SELECT * FROM no_such_table"});
        CHECK(unknown.error == ErrorKind::query);
        CHECK(unknown.error_text == "relation \"no_such_table\" does not exist (SQLSTATE 42P01)");
        const auto late = fixture.perform(server.url(), {"SELECT pg_sleep(9)", nullptr, {}, 1, 50ms});
        CHECK(late.error == ErrorKind::timeout);
        CHECK_FALSE(late.censored);
        CHECK(late.error_text == "canceling statement due to statement timeout (SQLSTATE 57014)");
        const auto given_up = fixture.perform(server.url(), {"SELECT pg_sleep(9)", nullptr, {}, 1, {}, 50ms});
        CHECK(given_up.error == ErrorKind::timeout);
        CHECK(given_up.censored);
        CHECK_FALSE(fixture.client.is_open());
        const auto wrong = fixture.perform(database_at(static_cast<std::uint16_t>(server.port())), {"SELECT 1"});
        CHECK(wrong.error == ErrorKind::authentication);
        CHECK(wrong.error_text.find("password authentication failed") != std::string::npos);
        CHECK(wrong.error_text.find("hush") == std::string::npos);
        const auto no_tls = fixture.perform(server.url("sslmode=require"), {"SELECT 1"});
        CHECK(no_tls.error == ErrorKind::tls);
        const auto elsewhere = fixture.perform("postgresql://u:hush@192.0.2.1/db", {"SELECT 1"});
        CHECK(elsewhere.error == ErrorKind::internal);
        CHECK(elsewhere.error_text == "192.0.2.1 is neither loopback nor in allow_hosts; nothing was sent");
    }
    SECTION("too many clients")
    {
        std::vector<std::unique_ptr<PostgresClient>> clients;
        PostgresExchange last;
        for (int number = 0; number < 9; ++number) {
            clients.push_back(std::make_unique<PostgresClient>(fixture.context));
            last = fixture.perform(*clients.back(), server.url(), {});
        }
        CHECK(last.error == ErrorKind::connection_refused);
        CHECK(last.error_text.starts_with("too many clients: "));
    }
    SECTION("a server that dies takes the connection with it, and says so")
    {
        CHECK(fixture.perform(server.url(), {"SELECT 1"}).error == ErrorKind::none);
        server.kill();
        CHECK(fixture.perform(server.url(), {"SELECT 1"}).error == ErrorKind::connection_closed);
        CHECK(fixture.perform(server.url(), {"SELECT 1"}).error == ErrorKind::connection_refused);
    }
    SECTION("a thousand connections, one after the other, leave no descriptor; nor do ten thousand through PgBouncer")
    {
        testing::PgbouncerServer bouncer(server, "transaction");
        for (const auto& [url, rounds] : {std::pair(server.url(), 1'000), std::pair(bouncer.url(), 10'000)}) {
            CHECK(fixture.perform(url, {"SELECT 1"}).error == ErrorKind::none);
            fixture.client.close();
            const auto before = testing::open_files();
            for (int round = 0; round < rounds; ++round) {
                REQUIRE(fixture.perform(url, {"SELECT 1"}).error == ErrorKind::none);
                fixture.client.close();
            }
            CHECK(testing::open_files() == before);
        }
    }
    SECTION("through PgBouncer")
    {
        testing::PgbouncerServer bouncer(server, "transaction");
        for (int round = 0; round < 3; ++round) {
            CHECK(fixture.perform(bouncer.url(), {"SELECT $1::int AS x", nullptr, {"7"}}).error_text.empty());
            CHECK(fixture.client.value("x") == "7");
            fixture.client.close();
        }
    }
}

TEST_CASE("different statements in one pipeline")
{
    testing::PostgresServer server(8);
    PostgresFixture fixture;
    const std::vector<const char*> seven{"7"};
    const std::vector<PostgresStatement> statements{{"CREATE TEMPORARY TABLE t (x int)", nullptr, {}},
                                                    {"INSERT INTO t VALUES ($1::int)", "insert", seven},
                                                    {"SELECT x FROM t", nullptr, {}}};
    PostgresRequest request;

    SECTION("are answered one after the other; the last one's rows are kept")
    {
        request.statements = std::span(statements).first(1);
        CHECK(fixture.perform_request(fixture.client, server.url(), request).error == ErrorKind::none);
        request.statements = std::span(statements).subspan(1);
        const auto exchange = fixture.perform_request(fixture.client, server.url(), request);
        CHECK(exchange.error_text.empty());
        CHECK(exchange.rows == 2); // one inserted, one read
        CHECK(fixture.client.value("x") == "7");
    }
    SECTION("fail together, and the first that failed is named")
    {
        const std::vector<PostgresStatement> wrong{
            {"SELECT 1", nullptr, {}}, {"SELECT * FROM no_such_table", nullptr, {}}, {"SELECT 2", nullptr, {}}};
        request.statements = wrong;
        const auto exchange = fixture.perform_request(fixture.client, server.url(), request);
        CHECK(exchange.error == ErrorKind::query);
        CHECK(exchange.error_text == "statement 2 of 3: relation \"no_such_table\" does not exist (SQLSTATE 42P01)");
        CHECK(fixture.perform(server.url(), {"SELECT 1"}).error == ErrorKind::none);
    }
    SECTION("many answers at once, more than one read holds")
    {
        const std::vector<const char*> none;
        const auto exchange = fixture.perform(server.url(), {"SELECT repeat('x', 500)", nullptr, none, 1000});
        CHECK(exchange.error_text.empty());
        CHECK(exchange.rows == 1000);
        CHECK(exchange.bytes_received == 500'000);
    }
    SECTION("a COPY cannot be one of them")
    {
        const std::vector<PostgresStatement> copies{{"SELECT 1", nullptr, {}},
                                                    {"COPY (SELECT 1) TO STDOUT", nullptr, {}}};
        request.statements = copies;
        const auto exchange = fixture.perform_request(fixture.client, server.url(), request);
        CHECK(exchange.error == ErrorKind::query);
        CHECK(fixture.perform(server.url(), {"SELECT 1"}).error == ErrorKind::none);
    }
}

TEST_CASE("servers that are no PostgreSQL")
{
    PostgresFixture fixture;

    SECTION("one that closes at once")
    {
        const ScriptedServer server([](Peer& peer) { peer.close(); });
        const auto kind = fixture.perform(database_at(server.port()), {"SELECT 1"}).error;
        CHECK((kind == ErrorKind::connection_closed || kind == ErrorKind::connection_reset));
    }
    SECTION("one that talks garbage")
    {
        for (const auto* mode : {"sslmode=disable", "sslmode=prefer"}) {
            const ScriptedServer server([](Peer& peer) {
                peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
                peer.wait_for_end();
            });
            const auto exchange =
                fixture.perform(database_at(server.port(), mode), {"SELECT 1", nullptr, {}, 1, {}, 2s});
            CHECK(exchange.error == ErrorKind::malformed_response);
        }
    }
    SECTION("one that never answers, and one that nobody runs")
    {
        const testing::SilentServer server;
        const auto silent = fixture.perform(database_at(static_cast<std::uint16_t>(server.port())),
                                            {"SELECT 1", nullptr, {}, 1, {}, 50ms});
        CHECK(silent.error == ErrorKind::timeout);
        CHECK(silent.error_text == "logging in took longer than the step's timeout");
        const auto nobody =
            fixture.perform(database_at(static_cast<std::uint16_t>(testing::free_port())), {"SELECT 1"});
        CHECK(nobody.error == ErrorKind::connection_refused);
    }
}

} // namespace squall::drivers
