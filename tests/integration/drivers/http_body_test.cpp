#include "client_fixture.hpp"
#include "drivers/answer_parser.hpp"
#include "scripted_server.hpp"

#include "catch.hpp"

#include <zlib.h>

#include <thread>

namespace squall::drivers {
namespace {

using measure::ErrorKind;

std::string compressed(const std::string& text, int window_bits)
{
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

} // namespace

TEST_CASE("bodies come in every framing")
{
    ClientFixture fixture;

    SECTION("chunked, with extensions and trailers, and the connection is kept")
    {
        ScriptedServer server([](Peer& peer) {
            while (peer.request()) {
                for (const auto* part : {"HTTP/1.1 200 OK\r\ntransfer-enc", "oding: chunked\r\n\r\n5;a=b\r", "\nhel",
                                         "lo\r\n6\r\n world\r\n0\r", "\nx-trailer: 1\r\n\r\n"}) {
                    peer.send(part);
                    std::this_thread::yield();
                }
            }
        });
        CHECK(fixture.perform(server.url()).body == "hello world");
        CHECK(fixture.perform(server.url()).body == "hello world");
        CHECK(server.accepted() == 1);
    }
    SECTION("until the connection ends")
    {
        ScriptedServer server(send_and_close("HTTP/1.1 200 OK\r\n\r\nall of it"));
        const auto exchange = fixture.perform(server.url());
        CHECK(exchange.error == ErrorKind::none);
        CHECK(exchange.body == "all of it");
    }
    SECTION("none for HEAD, 204 and 304")
    {
        ScriptedServer server([](Peer& peer) {
            peer.request();
            peer.send("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n");
            peer.request();
            peer.send("HTTP/1.1 204 No Content\r\n\r\n");
            peer.request();
            peer.send("HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n");
            peer.wait_for_end();
        });
        CHECK(fixture.perform(server.url(), {.method = "HEAD"}).status == 200);
        CHECK(fixture.perform(server.url()).status == 204);
        CHECK(fixture.perform(server.url()).status == 304);
        CHECK(server.accepted() == 1);
    }
    SECTION("behind interim answers")
    {
        ScriptedServer server(send_and_close("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"
                                             "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
        const auto exchange = fixture.perform(server.url());
        CHECK(exchange.status == 200);
        CHECK(exchange.body == "ok");
        CHECK_FALSE(exchange.header("link"));
    }
    SECTION("large ones, and large requests")
    {
        const std::string large(5'000'000, 'x');
        ScriptedServer server([&large](Peer& peer) {
            while (const auto request = peer.request()) {
                peer.answer(request->ends_with(large) ? large : "short");
            }
        });
        const auto exchange = fixture.perform(server.url(), {.method = "PUT", .body = large});
        CHECK(exchange.error == ErrorKind::none);
        CHECK(exchange.body == large);
        const auto skipped = fixture.perform(server.url(), {.method = "PUT", .body = large, .keep_body = false});
        CHECK(skipped.body.empty());
        CHECK(skipped.bytes_received == exchange.bytes_received);
    }
}

TEST_CASE("compressed bodies are decoded")
{
    ClientFixture fixture;
    const std::string text(100'000, 'a');

    SECTION("gzip, deflate and deflate without its header")
    {
        for (const auto& [coding, bits] :
             {std::pair{"gzip", 31}, std::pair{"deflate", 15}, std::pair{"deflate", -15}}) {
            ScriptedServer server(
                always_answer(compressed(text, bits), fmt::format("content-encoding: {}\r\n", coding)));
            const auto exchange = fixture.perform(server.url());
            CHECK(exchange.error == ErrorKind::none);
            CHECK(exchange.body == text);
            CHECK(exchange.bytes_received < 1000);
        }
    }
    SECTION("a bomb is stopped at the limit")
    {
        const std::string bomb = compressed(std::string(body_limit + 1, '\0'), 31);
        ScriptedServer server(always_answer(bomb, "content-encoding: gzip\r\n"));
        CHECK(fixture.perform(server.url()).error == ErrorKind::response_too_large);
        CHECK(fixture.perform(server.url(), {.keep_body = false}).error == ErrorKind::none);
    }
    SECTION("a broken one is malformed")
    {
        auto broken = compressed(text, 31);
        broken.resize(broken.size() / 2);
        ScriptedServer server(always_answer(broken, "content-encoding: gzip\r\n"));
        CHECK(fixture.perform(server.url()).error == ErrorKind::malformed_response);
    }
}

} // namespace squall::drivers
