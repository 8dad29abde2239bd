#include "base/random.hpp"
#include "drivers/answer_parser.hpp"
#include "drivers/answer_scanner.hpp"

#include "catch.hpp"

#include <boost/asio/buffer.hpp>

#include <array>
#include <string>
#include <string_view>

namespace squall::drivers {
namespace {

constexpr std::string_view plain =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nSet-Cookie: a=b\r\nContent-Length: 5\r\n\r\nhello";

/// What the parser makes of the same bytes; nothing unless they are one whole answer and no more.
std::optional<ScannedAnswer> parsed(std::string_view bytes, AnswerMemory& memory)
{
    AnswerParser parser(memory, {true, false});
    boost::beast::error_code error;
    while (!bytes.empty() && !parser.is_done() && !error) {
        bytes.remove_prefix(parser.put(boost::asio::buffer(bytes), error));
    }
    if (error || !parser.is_done() || !bytes.empty() || parser.is_interim()) {
        return std::nullopt;
    }
    return ScannedAnswer{memory.status, memory.body, parser.keep_alive()};
}

std::string mutated(Random& random)
{
    static constexpr std::array<std::string_view, 16> pieces{"\r\n",
                                                             "\r",
                                                             "\n",
                                                             " ",
                                                             ":",
                                                             "Content-Length: 5\r\n",
                                                             "content-length: 0\r\n",
                                                             "connection: ",
                                                             "close",
                                                             "\t",
                                                             "\x7f",
                                                             std::string_view("\0", 1),
                                                             "Transfer-Encoding: chunked\r\n",
                                                             "HTTP/1.1 ",
                                                             "204",
                                                             "hello"};
    std::string text(plain);
    for (auto changes = random.between(1, 3); changes > 0; --changes) {
        const auto at = static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(text.size()) - 1));
        switch (random.between(0, 3)) {
        case 0:
            text[at] = static_cast<char>(random.between(0, 255));
            break;
        case 1:
            text.erase(at, static_cast<std::size_t>(random.between(1, 8)));
            break;
        case 2:
            text.insert(at, pieces[static_cast<std::size_t>(random.between(0, pieces.size() - 1))]);
            break;
        default:
            text.resize(at + 1);
        }
        if (text.empty()) {
            text = "H";
        }
    }
    return text;
}

} // namespace

TEST_CASE("what the scanner takes, the parser would take for the same")
{
    Random random(20261121);
    AnswerMemory memory;
    AnswerScanner scanner; // which remembers the answer before
    int taken = 0;
    for (int round = 0; round < 200'000; ++round) {
        const auto text = mutated(random);
        const ScanWants wants{true, random.uniform() < 0.1, false};
        const auto scanned = scanner.scan(text, wants);
        REQUIRE(scanned.has_value() == scan_answer(text, wants).has_value());
        if (!scanned) {
            continue;
        }
        ++taken;
        const auto expected = parsed(text, memory);
        CAPTURE(text);
        REQUIRE(expected);
        REQUIRE(scanned->status == expected->status);
        REQUIRE(scanned->body == expected->body);
        REQUIRE(scanned->keep_alive == expected->keep_alive);
    }
    CHECK(taken > 1000);
}

TEST_CASE("the scanner")
{
    SECTION("reads a plain answer")
    {
        const auto answer = scan_answer(plain, {true, false, true});
        REQUIRE(answer);
        CHECK(answer->status == 200);
        CHECK(answer->body == "hello");
        CHECK(answer->keep_alive);
    }
    SECTION("reads names in any case, and the end of the connection")
    {
        const auto answer = scan_answer("HTTP/1.1 404 \r\nCONNECTION: Close\r\ncOnTeNt-lEnGtH:0\r\n\r\n", {});
        REQUIRE(answer);
        CHECK(answer->status == 404);
        CHECK(!answer->keep_alive);
    }
    SECTION("knows the answers that have no body")
    {
        CHECK(scan_answer("HTTP/1.1 204 No Content\r\nserver: x\r\n\r\n", {}));
        CHECK(scan_answer("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", {}));
        CHECK(!scan_answer("HTTP/1.1 204 No Content\r\n\r\nx", {}));
    }
    SECTION("leaves to the parser what the request looks at")
    {
        CHECK(!scan_answer(plain, {.cookies = true}));
        constexpr std::string_view moved = "HTTP/1.1 302 Found\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n";
        CHECK(scan_answer(moved, {}));
        CHECK(!scan_answer(moved, {.redirects = true}));
        constexpr std::string_view packed = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1\r\n\r\nx";
        CHECK(scan_answer(packed, {}));
        CHECK(!scan_answer(packed, {.body = true}));
    }
    SECTION("leaves to the parser what is not plain or not whole")
    {
        for (const std::string_view other :
             {"HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
              "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
              "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nxy",
              "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\nx",
              "HTTP/1.1 200 OK\r\ncontent-length: -0\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: \r\n\r\n",
              "HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\n",
              "HTTP/1.1 200 OK\r\nx: a\r\n folded\r\ncontent-length: 0\r\n\r\n",
              "HTTP/1.1 200 OK\r\nx: \x01\r\ncontent-length: 0\r\n\r\n",
              "HTTP/1.1 200 OK\r\nconnection: upgrade\r\ncontent-length: 0\r\n\r\n", "HTTP/1.1 200", ""}) {
            CAPTURE(other);
            CHECK(!scan_answer(other, {}));
        }
    }
    SECTION("that has seen such a header takes only what it would take without")
    {
        AnswerScanner scanner;
        const std::string other_body = std::string(plain.substr(0, plain.size() - 5)) + "world";
        CHECK(scanner.scan(plain, {})->body == "hello");
        CHECK(scanner.scan(other_body, {})->body == "world");
        CHECK(!scanner.scan(other_body + "!", {}));
        CHECK(!scanner.scan(other_body.substr(1), {}));
        CHECK(!scanner.scan(other_body.substr(0, other_body.size() - 1), {}));
        CHECK(!scanner.scan(other_body, {.cookies = true}));
        CHECK(scanner.scan("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", {})->status == 404);
        CHECK(scanner.scan(plain, {})->status == 200);
    }
    SECTION("ends nowhere but at the end of any beginning of an answer")
    {
        for (std::size_t size = 0; size < plain.size(); ++size) {
            CAPTURE(size);
            CHECK(!scan_answer(std::string(plain.substr(0, size)), {}));
        }
    }
}

} // namespace squall::drivers
