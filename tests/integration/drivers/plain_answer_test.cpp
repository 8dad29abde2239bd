// The short way: answers of which nobody looks at a header, over real sockets.
#include "client_fixture.hpp"
#include "drivers/request_writer.hpp"
#include "scripted_server.hpp"

#include "catch.hpp"

namespace squall::drivers {
namespace {

using measure::ErrorKind;

const Ask status_only{.keep_body = false, .keep_headers = false};

} // namespace

TEST_CASE("an answer of which only the status is looked at")
{
    ClientFixture fixture;

    SECTION("keeps its connection, and no header")
    {
        ScriptedServer server(always_answer("hello", "x-mine: yes\r\n"));
        for (int request = 0; request < 50; ++request) {
            const auto exchange = fixture.perform(server.url(), status_only);
            REQUIRE(exchange.error == ErrorKind::none);
            CHECK(exchange.status == 200);
            CHECK(exchange.bytes_received > 0);
            CHECK(!exchange.header("x-mine"));
            CHECK(exchange.new_connection == (request == 0));
        }
        CHECK(server.accepted() == 1);
    }
    SECTION("still stores its cookies")
    {
        ScriptedServer server([](Peer& peer) {
            while (const auto request = peer.request()) {
                const bool known = request->find("cookie: session=1") != std::string::npos;
                peer.answer(known ? "known" : "new", "set-cookie: session=1\r\n");
            }
        });
        CHECK(fixture.perform(server.url(), status_only).error == ErrorKind::none);
        CHECK(fixture.perform(server.url()).body == "known");
    }
    SECTION("that comes in pieces, or in chunks, is the same")
    {
        ScriptedServer server([](Peer& peer) {
            for (int round = 0; peer.request(); ++round) {
                if (round % 2 == 0) {
                    for (const char letter : std::string_view("HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok")) {
                        peer.send({&letter, 1});
                    }
                } else {
                    peer.send("HTTP/1.1 202 Accepted\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
                }
            }
        });
        for (int round = 0; round < 10; ++round) {
            const auto exchange = fixture.perform(server.url(), status_only);
            REQUIRE(exchange.error == ErrorKind::none);
            CHECK(exchange.status == 201 + round % 2);
        }
        CHECK(server.accepted() == 1);
    }
    SECTION("with bytes behind it ends its connection")
    {
        ScriptedServer server([](Peer& peer) {
            if (peer.request()) {
                peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 500 Not Asked For\r\n\r\n");
                peer.wait_for_end();
            }
        });
        CHECK(fixture.perform(server.url(), status_only).status == 200);
        CHECK(fixture.perform(server.url(), status_only).new_connection);
    }
    SECTION("that says close is the last on its connection")
    {
        ScriptedServer server(always_answer("x", "connection: close\r\n"));
        CHECK(fixture.perform(server.url(), status_only).error == ErrorKind::none);
        CHECK(fixture.perform(server.url(), status_only).new_connection);
    }
    SECTION("that is no answer is malformed")
    {
        ScriptedServer server(send_and_close("HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n"));
        CHECK(fixture.perform(server.url(), status_only).error == ErrorKind::malformed_response);
    }
}

TEST_CASE("a prepared request is the request, with and without a cookie")
{
    const auto url = wire::parse_url("http://127.0.0.1:80/path").value();
    const std::vector<std::pair<std::string_view, std::string_view>> headers{{"x-mine", "yes"}};
    HttpRequest request;
    request.method = "POST";
    request.url = &url;
    request.headers = headers;
    request.body = "the body";
    const auto prepared = prepare_request(request);
    const Hop hop{request.method, request.url, request.headers, request.body};
    std::string written;
    std::string scratch;

    write_request(hop, {}, written);
    CHECK(with_cookie(prepared, {}, scratch) == written);
    const auto with = std::string(with_cookie(prepared, "a=b", scratch));
    const auto at = with.find("cookie: a=b\r\n");
    REQUIRE(at != std::string::npos);
    CHECK(at < with.find("\r\n\r\n"));
    CHECK(std::string(with).erase(at, 13) == written);
    CHECK(!prepared.has_cookie);
}

} // namespace squall::drivers
