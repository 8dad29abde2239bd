#include "wire/postgres_parameters.hpp"

#include "catch.hpp"
#include "run_task.hpp"

using namespace squall;
using namespace squall::wire;
using namespace std::chrono_literals;

TEST_CASE("a connection string is read and written back")
{
    const auto parameters = parse_conninfo("postgresql://me:it's%5C@h:5433/db?application_name=a%20b");
    REQUIRE(parameters.has_value());
    CHECK(parameters->at("password") == "it's\\");
    CHECK(parameters->at("application_name") == "a b");
    const auto again = parse_conninfo(to_conninfo(*parameters));
    REQUIRE(again.has_value());
    CHECK(*again == *parameters);
}

TEST_CASE("a malformed connection string is an error without its password")
{
    const auto parameters = parse_conninfo("host=h password=secret nonsense");
    REQUIRE(parameters.has_error());
    CHECK(parameters.error().message.find("secret") == std::string::npos);
}

TEST_CASE("hosts get addresses so that libpq need not look them up")
{
    asio::io_context io;
    const auto resolved = [&io](const PostgresParameters& parameters) {
        return testing::run_task(io, with_addresses(parameters, testing::in(10s)));
    };

    SECTION("a literal is its own address")
    {
        const auto parameters = resolved({{"host", "127.0.0.1"}, {"port", "5"}});
        REQUIRE(parameters.has_value());
        CHECK(parameters->at("hostaddr") == "127.0.0.1");
        CHECK(parameters->at("port") == "5");
    }
    SECTION("sockets and literals stand side by side, each with its port")
    {
        const auto parameters = resolved({{"host", "/run/pg,127.0.0.2"}, {"port", "5,6"}});
        REQUIRE(parameters.has_value());
        CHECK(parameters->at("host") == "/run/pg,127.0.0.2");
        CHECK(parameters->at("hostaddr") == ",127.0.0.2");
        CHECK(parameters->at("port") == "5,6");
    }
    SECTION("a given hostaddr is left alone")
    {
        const auto parameters = resolved({{"host", "no-such-host.invalid"}, {"hostaddr", "127.0.0.1"}});
        REQUIRE(parameters.has_value());
        CHECK(parameters->at("hostaddr") == "127.0.0.1");
    }
    SECTION("a name that does not exist is said")
    {
        const auto parameters = resolved({{"host", "no-such-host.invalid"}});
        REQUIRE(parameters.has_error());
        CHECK(parameters.error().message.find("no-such-host.invalid") != std::string::npos);
    }
}
