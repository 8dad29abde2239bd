#include "postgres_fixture.hpp"

#include "catch.hpp"

using namespace std::chrono_literals;

namespace squall::drivers {

using measure::ErrorKind;

TEST_CASE("notifications of PostgreSQL")
{
    testing::PostgresServer server(8);
    PostgresFixture fixture;
    PostgresClient other(fixture.context);
    const auto notify = [&](const char* sql) {
        REQUIRE(fixture.perform(other, server.url(), {sql}).error == ErrorKind::none);
    };
    REQUIRE(fixture.listen(server.url(), "Jobs of today", 0).error_text.empty());

    SECTION("are waited for, counted, and the last one is told")
    {
        notify("NOTIFY \"Jobs of today\", 'one'; NOTIFY \"Jobs of today\", 'two'; NOTIFY elsewhere, 'three'");
        const auto exchange = fixture.listen(server.url(), "Jobs of today", 2);
        CHECK(exchange.error_text.empty());
        CHECK(exchange.rows == 2);
        CHECK(exchange.bytes_received == 6);
        CHECK(fixture.client.payload() == "two");
        fixture.client.forget_answer();
        CHECK(fixture.client.payload().empty());
    }
    SECTION("only those whose payload holds a text count; those behind the last wait for the next step")
    {
        notify(
            "NOTIFY \"Jobs of today\", 'job 1'; NOTIFY \"Jobs of today\", 'job 2'; NOTIFY \"Jobs of today\", 'job 3'");
        CHECK(fixture.listen(server.url(), "Jobs of today", 1, "2").rows == 1);
        CHECK(fixture.client.payload() == "job 2");
        CHECK(fixture.listen(server.url(), "Jobs of today", 1).rows == 1);
        CHECK(fixture.client.payload() == "job 3");
    }
    SECTION("those of one channel are kept while another is waited for, also past a statement")
    {
        REQUIRE(fixture.listen(server.url(), "second", 0).error == ErrorKind::none);
        notify("NOTIFY \"Jobs of today\", 'early'");
        notify("NOTIFY second, 'b'");
        CHECK(fixture.perform(server.url(), {"SELECT 1"}).error == ErrorKind::none);
        CHECK(fixture.listen(server.url(), "second", 1).rows == 1);
        CHECK(fixture.client.payload() == "b");
        CHECK(fixture.listen(server.url(), "Jobs of today", 1).rows == 1);
        CHECK(fixture.client.payload() == "early");
    }
    SECTION("that do not come are a timeout; the subscription stands")
    {
        const auto none = fixture.listen(server.url(), "Jobs of today", 1, {}, 50ms);
        CHECK(none.error == ErrorKind::timeout);
        CHECK(none.censored);
        CHECK(none.error_text == "not enough notifications came within the step's timeout");
        CHECK(fixture.client.is_open());
        notify("NOTIFY \"Jobs of today\", 'late'");
        const auto late = fixture.listen(server.url(), "Jobs of today", 1);
        CHECK(late.rows == 1);
        CHECK_FALSE(late.new_connection);
    }
    SECTION("a server that ends the session says so")
    {
        notify("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN %'");
        CHECK(fixture.listen(server.url(), "Jobs of today", 1).error == ErrorKind::connection_closed);
        CHECK_FALSE(fixture.client.is_open());
    }
}

} // namespace squall::drivers
