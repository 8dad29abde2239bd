#include "postgres_fixture.hpp"

#include "catch.hpp"

using namespace std::chrono_literals;

namespace squall::drivers {

using measure::ErrorKind;

TEST_CASE("COPY over PostgreSQL")
{
    testing::PostgresServer server(8);
    PostgresFixture fixture;
    REQUIRE(fixture.perform(server.url(), {"CREATE TABLE t (x int CHECK (x < 1000000))"}).error == ErrorKind::none);

    SECTION("rows go in and come out, in pieces")
    {
        Numbers rows(300'000);
        const auto in = fixture.perform(server.url(), {"COPY t FROM STDIN", nullptr, {}, 1, {}, 60s, &rows});
        CHECK(in.error_text.empty());
        CHECK(in.rows == 300'000);
        CHECK(in.bytes_sent > 1'900'000);
        const auto out = fixture.perform(server.url(), {"COPY t TO STDOUT"});
        CHECK(out.error_text.empty());
        CHECK(out.rows == 300'000);
        CHECK(out.bytes_received == in.bytes_sent - std::string_view("COPY t FROM STDIN").size());
        fixture.perform(server.url(), {"SELECT sum(x) AS sum FROM t"});
        CHECK(fixture.client.value("sum") == "45000150000");
    }
    SECTION("what comes out is not kept, however much it is")
    {
        const auto out = fixture.perform(
            server.url(),
            {"COPY (SELECT repeat('x', 1000) FROM generate_series(1, 200000)) TO STDOUT", nullptr, {}, 1, {}, 60s});
        CHECK(out.error_text.empty());
        CHECK(out.rows == 200'000);
        CHECK(out.bytes_received == 200'200'000);
    }
    SECTION("a row that the table does not take is an error of the server, and the connection goes on")
    {
        Numbers rows(1'000'000);
        const auto failed = fixture.perform(server.url(), {"COPY t FROM STDIN", nullptr, {}, 1, {}, 60s, &rows});
        CHECK(failed.error == ErrorKind::query);
        CHECK(failed.error_text.find("SQLSTATE 23514") != std::string::npos);
        CHECK(fixture.perform(server.url(), {"SELECT 1 FROM t"}).rows == 0);
        CHECK(fixture.client.is_open());
    }
    SECTION("without rows it fails, and says what is wanted")
    {
        const auto failed = fixture.perform(server.url(), {"COPY t FROM STDIN"});
        CHECK(failed.error == ErrorKind::query);
        CHECK(failed.error_text.find("was given no rows") != std::string::npos);
        CHECK(fixture.perform(server.url(), {"SELECT 1"}).error == ErrorKind::none);
    }
    SECTION("the server's statement timeout and ours end it")
    {
        const auto late = fixture.perform(server.url(), {"COPY (SELECT pg_sleep(9)) TO STDOUT", nullptr, {}, 1, 50ms});
        CHECK(late.error == ErrorKind::timeout);
        CHECK_FALSE(late.censored);
        const auto ours =
            fixture.perform(server.url(), {"COPY (SELECT pg_sleep(9)) TO STDOUT", nullptr, {}, 1, {}, 50ms});
        CHECK(ours.error == ErrorKind::timeout);
        CHECK(ours.censored);
        CHECK_FALSE(fixture.client.is_open());
    }
    SECTION("through PgBouncer")
    {
        testing::PgbouncerServer bouncer(server, "transaction");
        Numbers rows(1000);
        CHECK(fixture.perform(bouncer.url(), {"COPY t FROM STDIN", nullptr, {}, 1, {}, 10s, &rows}).rows == 1000);
        CHECK(fixture.perform(bouncer.url(), {"COPY t TO STDOUT"}).rows == 1000);
    }
}

} // namespace squall::drivers
