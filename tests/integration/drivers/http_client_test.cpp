#include "client_fixture.hpp"
#include "drivers/answer_parser.hpp"
#include "scripted_server.hpp"

#include "catch.hpp"

#include <filesystem>

using namespace std::chrono_literals;

namespace squall::drivers {
namespace {

using measure::ErrorKind;

std::size_t open_descriptors()
{
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// A port on which nobody listens.
std::uint16_t unused_port()
{
    asio::io_context io;
    const asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
    return acceptor.local_endpoint().port();
}

} // namespace

TEST_CASE("a request gets its answer")
{
    ClientFixture fixture;
    std::string seen;
    ScriptedServer server([&seen](Peer& peer) {
        while (const auto request = peer.request()) {
            seen = *request;
            peer.answer("hello", "X-Kind: greeting\r\n");
        }
    });

    const auto exchange = fixture.perform(server.url("/a?b=1"), {"POST", {{"x-mine", "yes"}}, "body"});

    CHECK(exchange.error == ErrorKind::none);
    CHECK(exchange.error_text.empty());
    CHECK(exchange.status == 200);
    CHECK(exchange.body == "hello");
    CHECK(exchange.header("x-kind") == "greeting");
    CHECK_FALSE(exchange.header("x-other"));
    CHECK(seen == fmt::format("POST /a?b=1 HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nx-mine: yes\r\nuser-agent: squall\r\n"
                              "accept-encoding: gzip, deflate\r\ncontent-length: 4\r\n\r\nbody",
                              server.port()));
    CHECK(exchange.bytes_sent == seen.size());
    CHECK(exchange.bytes_received == 17 + 19 + 18 + 2 + 5); // four header lines and the body
    const auto& phases = exchange.phases;
    CHECK(phases.connecting > 0ns);
    CHECK(phases.tls_handshaking == 0ns);
    CHECK(phases.waiting > 0ns);
    CHECK(phases.connecting + phases.sending + phases.waiting + phases.receiving <= exchange.ended - exchange.started);
}

TEST_CASE("connections are kept")
{
    ClientFixture fixture;

    SECTION("for all requests of a user to one origin")
    {
        ScriptedServer server(always_answer("x"));
        CHECK(fixture.perform(server.url()).new_connection);
        for (int request = 0; request < 20; ++request) {
            const auto exchange = fixture.perform(server.url());
            REQUIRE(exchange.error == ErrorKind::none);
            REQUIRE_FALSE(exchange.new_connection);
            REQUIRE(exchange.phases.connecting == 0ns);
        }
        CHECK(server.accepted() == 1);
    }
    SECTION("one for each origin")
    {
        ScriptedServer one(always_answer("1"));
        ScriptedServer two(always_answer("2"));
        for (int round = 0; round < 3; ++round) {
            CHECK(fixture.perform(one.url()).body == "1");
            CHECK(fixture.perform(two.url()).body == "2");
        }
        CHECK(one.accepted() == 1);
        CHECK(two.accepted() == 1);
    }
    SECTION("until close() asks for new ones")
    {
        ScriptedServer server(always_answer("x"));
        for (int iteration = 0; iteration < 3; ++iteration) {
            CHECK(fixture.perform(server.url()).new_connection);
            fixture.client.close();
        }
        CHECK(server.accepted() == 3);
    }
    SECTION("but not when the server says close, or speaks HTTP/1.0")
    {
        ScriptedServer closing(always_answer("x", "connection: close\r\n"));
        fixture.perform(closing.url());
        CHECK(fixture.perform(closing.url()).new_connection);
        ScriptedServer old(send_and_close("HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx"));
        fixture.perform(old.url());
        const auto second = fixture.perform(old.url());
        CHECK(second.new_connection);
        CHECK_FALSE(second.retried);
    }
    SECTION("nor when bytes follow the answer that no request asked for")
    {
        ScriptedServer server(always_answer("x", "content-type: text/plain\r\n"));
        ScriptedServer noisy([](Peer& peer) {
            while (peer.request()) {
                peer.send("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nxHTTP/1.1 500 NO\r\ncontent-length: 0\r\n\r\n");
            }
        });
        CHECK(fixture.perform(noisy.url()).status == 200);
        CHECK(fixture.perform(noisy.url()).status == 200);
        CHECK(noisy.accepted() == 2);
    }
}

TEST_CASE("a kept connection that the server has closed")
{
    ClientFixture fixture;
    // Answers once a connection, then takes the next request and closes without a word.
    ScriptedServer server([](Peer& peer) {
        if (peer.request()) {
            peer.answer("x");
        }
        peer.request();
    });
    REQUIRE(fixture.perform(server.url()).error == ErrorKind::none);

    SECTION("is replaced once for a request that may be repeated")
    {
        const auto exchange = fixture.perform(server.url());
        CHECK(exchange.error == ErrorKind::none);
        CHECK(exchange.retried);
        CHECK(exchange.new_connection);
        CHECK(server.accepted() == 2);
    }
    SECTION("fails a POST, which may have been carried out")
    {
        const auto exchange = fixture.perform(server.url(), {"POST", {}, "pay"});
        CHECK(exchange.error == ErrorKind::connection_closed);
        CHECK_FALSE(exchange.retried);
        CHECK(server.accepted() == 1);
    }
}

TEST_CASE("a connection that was closed while its user was thinking is noticed before a POST is lost")
{
    ClientFixture fixture;
    ScriptedServer server([](Peer& peer) {
        if (peer.request()) {
            peer.answer("x");
        }
    });
    REQUIRE(fixture.perform(server.url()).error == ErrorKind::none);
    // Thinking time, not a wait for something: the driver looks after 100 ms of idleness.
    asio::steady_timer thinking(fixture.io, 120ms);
    thinking.wait();
    const auto exchange = fixture.perform(server.url(), {"POST", {}, "pay"});
    CHECK(exchange.error == ErrorKind::none);
    CHECK_FALSE(exchange.retried);
    CHECK(server.accepted() == 2);
}

TEST_CASE("a server that never answers usefully is not asked for ever")
{
    ClientFixture fixture;
    ScriptedServer server([](Peer& peer) { peer.request(); });
    const auto exchange = fixture.perform(server.url());
    CHECK(exchange.error == ErrorKind::connection_closed);
    CHECK_THAT(exchange.error_text, ContainsSubstring("before answering"));
    CHECK(server.accepted() == 1);
}

TEST_CASE("failures have their kind")
{
    ClientFixture fixture;

    SECTION("nobody listens")
    {
        const auto exchange = fixture.perform(fmt::format("http://127.0.0.1:{}/", unused_port()));
        CHECK(exchange.error == ErrorKind::connection_refused);
        CHECK_THAT(exchange.error_text, ContainsSubstring("cannot connect to 127.0.0.1:"));
        CHECK(exchange.status == 0);
        CHECK_FALSE(exchange.new_connection);
    }
    SECTION("a name that does not exist")
    {
        const auto exchange = fixture.perform("http://squall-test.invalid/");
        CHECK(exchange.error == ErrorKind::dns);
        CHECK_THAT(exchange.error_text, ContainsSubstring("squall-test.invalid"));
    }
    SECTION("an answer that never comes, at its deadline")
    {
        ScriptedServer server([](Peer& peer) { peer.wait_for_end(); });
        const auto exchange = fixture.perform(server.url(), {.timeout = 200ms});
        CHECK(exchange.error == ErrorKind::timeout);
        CHECK(exchange.ended - exchange.started >= 200ms);
        CHECK(exchange.ended - exchange.started < 5s);
        CHECK(exchange.phases.waiting >= 190ms);
    }
    SECTION("a body that trickles, at its deadline all the same, and the status is kept")
    {
        std::atomic<bool> gone = false;
        ScriptedServer server([&gone](Peer& peer) {
            peer.request();
            peer.send("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n");
            peer.send("x");
            peer.wait_for_end();
            gone = true;
        });
        const auto exchange = fixture.perform(server.url(), {.timeout = 200ms});
        CHECK(exchange.error == ErrorKind::timeout);
        CHECK(exchange.status == 200);
        CHECK(exchange.phases.receiving > 100ms);
    }
    SECTION("a deadline that was long for the request before, and is short for this one")
    {
        ScriptedServer server([](Peer& peer) {
            peer.request();
            peer.answer("x");
            peer.wait_for_end();
        });
        REQUIRE(fixture.perform(server.url(), {.timeout = 60s}).error == ErrorKind::none);
        CHECK(fixture.perform(server.url(), {.timeout = 200ms}).error == ErrorKind::timeout);
    }
    SECTION("a deadline that was short for the request before, and is long for this one")
    {
        ScriptedServer server([&fixture](Peer& peer) {
            peer.request();
            peer.answer("x");
            peer.request();
            std::this_thread::sleep_until(fixture.clock.now() + 250ms); // a slow answer is the subject here
            peer.answer("late");
        });
        REQUIRE(fixture.perform(server.url(), {.timeout = 200ms}).error == ErrorKind::none);
        CHECK(fixture.perform(server.url(), {.timeout = 60s}).body == "late");
    }
    SECTION("a connection cut in the middle of the body")
    {
        ScriptedServer server(send_and_close("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"));
        const auto exchange = fixture.perform(server.url());
        CHECK(exchange.error == ErrorKind::connection_closed);
        CHECK_THAT(exchange.error_text, ContainsSubstring("in the middle of the answer"));
    }
    SECTION("a connection cut in the middle of the headers")
    {
        ScriptedServer server(send_and_close("HTTP/1.1 200 OK\r\ncontent-le"));
        CHECK(fixture.perform(server.url()).error == ErrorKind::connection_closed);
    }
    SECTION("a connection cut in the middle of the chunks")
    {
        ScriptedServer server(send_and_close("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n"));
        CHECK(fixture.perform(server.url()).error == ErrorKind::connection_closed);
    }
    SECTION("a reset")
    {
        ScriptedServer server([](Peer& peer) {
            peer.request();
            peer.reset();
        });
        CHECK(fixture.perform(server.url()).error == ErrorKind::connection_reset);
    }
    SECTION("garbage")
    {
        for (const auto* garbage :
             {"SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
              "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"}) {
            CAPTURE(garbage);
            ScriptedServer server(send_and_close(garbage));
            CHECK(fixture.perform(server.url()).error == ErrorKind::malformed_response);
        }
    }
    SECTION("headers without end")
    {
        ScriptedServer server(
            send_and_close("HTTP/1.1 200 OK\r\nx: " + std::string(2U * header_limit, 'x') + "\r\n\r\n"));
        CHECK(fixture.perform(server.url()).error == ErrorKind::response_too_large);
        std::string many = "HTTP/1.1 200 OK\r\n";
        for (int line = 0; line < 10'000; ++line) {
            many += "x-header: value\r\n";
        }
        ScriptedServer lines(send_and_close(many));
        CHECK(fixture.perform(lines.url()).error == ErrorKind::response_too_large);
    }
    SECTION("a body beyond the limit")
    {
        ScriptedServer server(
            send_and_close(fmt::format("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body_limit + 1)));
        CHECK(fixture.perform(server.url()).error == ErrorKind::response_too_large);
    }
    SECTION("a header that would split the request is not sent")
    {
        ScriptedServer server(always_answer("x"));
        const auto exchange = fixture.perform(server.url(), {.headers = {{"x-a", "1\r\nx-b: 2"}}});
        CHECK(exchange.error == ErrorKind::internal);
        CHECK(server.accepted() == 0);
    }
}

TEST_CASE("close() ends a request under way as cancelled")
{
    ClientFixture fixture;
    ScriptedServer server([&fixture](Peer& peer) {
        peer.request();
        asio::post(fixture.io, [&fixture] { fixture.client.close(); });
        peer.wait_for_end();
    });
    CHECK(fixture.perform(server.url()).error == ErrorKind::cancelled);

    ScriptedServer other(always_answer("x"));
    CHECK(fixture.perform(other.url()).error == ErrorKind::none);
}

TEST_CASE("an idle or destroyed client keeps no io_context alive")
{
    ScriptedServer server(always_answer("x"));
    ClientFixture fixture;
    REQUIRE(fixture.perform(server.url(), {.timeout = 60s}).error == ErrorKind::none);
    fixture.client.close();
    const auto begun = fixture.clock.now();
    fixture.io.restart();
    fixture.io.run();
    CHECK(fixture.clock.now() - begun < 5s);
}

TEST_CASE("failing requests leave no descriptor behind")
{
    ClientFixture fixture;
    const auto refused = fmt::format("http://127.0.0.1:{}/", unused_port());
    ScriptedServer garbage(send_and_close("nonsense\r\n\r\n"));
    fixture.perform(refused);
    const auto before = open_descriptors();
    for (int request = 0; request < 500; ++request) {
        REQUIRE(fixture.perform(refused).error == ErrorKind::connection_refused);
    }
    CHECK(open_descriptors() == before);
    for (int request = 0; request < 100; ++request) {
        ClientFixture other;
        REQUIRE(other.perform(garbage.url()).error == ErrorKind::malformed_response);
    }
}

} // namespace squall::drivers
