#include "wire/postgres_error.hpp"

#include "catch.hpp"

using namespace squall::wire;
using Kind = PostgresError::Kind;

TEST_CASE("a failed connect is told by kind and SQLSTATE")
{
    SECTION("the server has no place left")
    {
        const auto error =
            connect_error("connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  53300: sorry, "
                          "too many clients already\nLOCATION:  InitProcess, proc.c:353\n",
                          true);
        CHECK(error.kind == Kind::server);
        CHECK(error.sqlstate == "53300");
        CHECK(error.message ==
              "connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  sorry, too many clients already");
    }
    SECTION("the password is wrong")
    {
        const auto error = connect_error("FATAL:  28P01: password authentication failed for user \"me\"\n", true);
        CHECK(error.kind == Kind::authentication);
        CHECK(error.sqlstate == "28P01");
    }
    SECTION("nobody listens")
    {
        const auto error = connect_error("Connection refused\n\tIs the server running?\n", false);
        CHECK(error.kind == Kind::refused);
        CHECK(error.message == "Connection refused; Is the server running?"); // one line, as reports want it
    }
    SECTION("we have no descriptor left: not the server's fault")
    {
        CHECK(connect_error("could not create socket: Too many open files\n", false).kind == Kind::broken);
    }
    SECTION("the line went dead during the handshake")
    {
        CHECK(connect_error("server closed the connection unexpectedly\n", true).kind == Kind::broken);
    }
    SECTION("libpq lacks a password that the server wants")
    {
        CHECK(connect_error("fe_sendauth: no password supplied\n", true).kind == Kind::authentication);
    }
}
