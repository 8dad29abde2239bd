#include "drivers/postgres_failure.hpp"

#include "wire/postgres_error.hpp"

#include "catch.hpp"

namespace squall::drivers {
namespace {

using measure::ErrorKind;

ErrorKind of_connect(std::string_view message, bool reached = true)
{
    return postgres_connect_failure(wire::connect_error(message, reached)).kind;
}

ErrorKind of_query(std::string_view sqlstate, bool lost = false)
{
    return postgres_query_failure(wire::server_error(sqlstate, "words"), lost).kind;
}

} // namespace

TEST_CASE("what keeps a client from connecting to PostgreSQL has a kind")
{
    CHECK(of_connect("connection to server at \"127.0.0.1\", port 1 failed: Connection refused", false) ==
          ErrorKind::connection_refused);
    CHECK(of_connect("could not create socket: Too many open files", false) == ErrorKind::local_limit);
    CHECK(of_connect("FATAL:  28P01: password authentication failed for user \"me\"") == ErrorKind::authentication);
    CHECK(of_connect("FATAL:  53300: sorry, too many clients already") == ErrorKind::connection_refused);
    CHECK(of_connect("FATAL:  08P01: no more connections allowed (max_client_conn)") == ErrorKind::connection_refused);
    CHECK(of_connect("FATAL:  57P03: the database system is starting up") == ErrorKind::connection_refused);
    CHECK(of_connect("FATAL:  3D000: database \"x\" does not exist") == ErrorKind::query);
    CHECK(of_connect("server closed the connection unexpectedly") == ErrorKind::connection_closed);
    CHECK(of_connect("could not receive data from server: Connection reset by peer") == ErrorKind::connection_reset);
    CHECK(of_connect("server does not support SSL, but SSL was required") == ErrorKind::tls);
    CHECK(of_connect("received invalid response to SSL negotiation: H") == ErrorKind::malformed_response);
    CHECK(of_connect("expected authentication request from server, but received H") == ErrorKind::malformed_response);
}

TEST_CASE("what makes a statement fail has a kind, and its SQLSTATE stands in the text")
{
    CHECK(of_query("42P01") == ErrorKind::query);
    CHECK(of_query("57014") == ErrorKind::timeout);
    CHECK(of_query("28000") == ErrorKind::authentication);
    CHECK(of_query("57P01", true) == ErrorKind::connection_closed);
    CHECK(postgres_query_failure(wire::server_error("42P01", "no table"), false).text == "no table (SQLSTATE 42P01)");
}

} // namespace squall::drivers
