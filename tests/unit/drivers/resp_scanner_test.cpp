#include "drivers/resp_scanner.hpp"

#include "base/random.hpp"
#include "drivers/redis_command.hpp"
#include "drivers/resp_value.hpp"

#include "catch.hpp"

#include <boost/json.hpp>
#include <hiredis/read.h>

#include <array>
#include <memory>
#include <vector>

namespace squall::drivers {
namespace {

using State = RespScanner::State;

/// The state after `bytes` in pieces of `piece`, and what is left of them.
State scan(RespScanner& scanner, std::string_view bytes, std::size_t piece, std::string_view* left = nullptr)
{
    auto state = State::more;
    while (!bytes.empty() && state == State::more) {
        auto part = bytes.substr(0, piece);
        const auto size = part.size();
        state = scanner.feed(part);
        bytes.remove_prefix(size - part.size());
        if (!part.empty()) {
            break;
        }
    }
    if (left != nullptr) {
        *left = bytes;
    }
    return state;
}

State scan_one(std::string_view bytes, std::size_t piece = 1)
{
    RespScanner scanner;
    scanner.expect(1, false);
    return scan(scanner, bytes, piece);
}

std::string json_of(std::string_view bytes, bool messages = false)
{
    return boost::json::serialize(take_reply(bytes, messages).value());
}

struct FreeReader {
    void operator()(redisReader* reader) const { redisReaderFree(reader); }
};

/// What hiredis makes of the bytes: its own reader, with objects that are nothing but a mark.
State hiredis_scan(std::string_view bytes)
{
    static int mark = 0;
    static redisReplyObjectFunctions functions{[](const redisReadTask*, char*, std::size_t) -> void* { return &mark; },
                                               [](const redisReadTask*, int) -> void* { return &mark; },
                                               [](const redisReadTask*, long long) -> void* { return &mark; },
                                               [](const redisReadTask*) -> void* { return &mark; }, [](void*) {}};
    const std::unique_ptr<redisReader, FreeReader> reader(redisReaderCreateWithFunctions(&functions));
    redisReaderFeed(reader.get(), bytes.data(), bytes.size());
    void* reply = nullptr;
    if (redisReaderGetReply(reader.get(), &reply) != REDIS_OK) {
        return State::malformed;
    }
    return reply != nullptr ? State::done : State::more;
}

std::string random_reply(Random& random, int depth)
{
    switch (random.between(0, depth > 2 ? 4 : 5)) {
    case 0:
        return "+OK\r\n";
    case 1:
        return "-ERR no\r\n";
    case 2:
        return fmt::format(":{}\r\n", random.between(-1000, 1000));
    case 3:
        return "$-1\r\n";
    case 4: {
        const std::string text(static_cast<std::size_t>(random.between(0, 20)), 'x');
        return fmt::format("${}\r\n{}\r\n", text.size(), text);
    }
    default: {
        const auto count = random.between(0, 3);
        auto text = fmt::format("*{}\r\n", count);
        for (auto at = count; at > 0; --at) {
            text += random_reply(random, depth + 1);
        }
        return text;
    }
    }
}

} // namespace

TEST_CASE("commands are arrays of bulk strings")
{
    std::string bytes;
    append_command(std::array<std::string_view, 3>{"SET", "a key", ""}, bytes);
    CHECK(bytes == "*3\r\n$3\r\nSET\r\n$5\r\na key\r\n$0\r\n\r\n");
}

TEST_CASE("a reply ends where it ends, in whatever pieces it comes")
{
    const std::vector<std::string> replies{"+PONG\r\n",
                                           "-ERR x\r\n",
                                           ":-12\r\n",
                                           "$5\r\nhel\r\n\r\n",
                                           "$-1\r\n",
                                           "*-1\r\n",
                                           "*0\r\n",
                                           "$0\r\n\r\n",
                                           "*2\r\n*1\r\n:1\r\n$1\r\na\r\n",
                                           "%1\r\n+k\r\n*1\r\n_\r\n",
                                           "~2\r\n#t\r\n,1.5\r\n",
                                           "=7\r\ntxt:abc\r\n",
                                           "(123456789012345678901\r\n",
                                           "|1\r\n+ttl\r\n:9\r\n+OK\r\n",
                                           "!5\r\nERR x\r\n",
                                           ">2\r\n+message\r\n+x\r\n+OK\r\n"};
    for (const auto& reply : replies) {
        for (const std::size_t piece : {1U, 2U, 3U, 100U}) {
            CAPTURE(reply, piece);
            RespScanner scanner;
            scanner.expect(1, false);
            std::string_view left;
            const auto bytes = reply + "+next\r\n";
            CHECK(scan(scanner, bytes, piece, &left) == State::done);
            CHECK(left.substr(left.size() - std::min<std::size_t>(left.size(), 7)) == "+next\r\n");
            CHECK(left.size() == 7);
            CHECK(scan_one(std::string_view(reply).substr(0, reply.size() - 1), piece) == State::more);
        }
    }
}

TEST_CASE("what is no reply is told at once")
{
    for (const std::string_view bytes : {"HTTP/1.1 400", "\x01", "$x\r\n", ":1a\r\n", "$3\r\nabcd\r\n", "*-2\r\n",
                                         "?1\r\n", "+OK\n", "$-2\r\n", "%-1\r\n"}) {
        CAPTURE(bytes);
        CHECK(scan_one(bytes, 100) == State::malformed);
    }
    CHECK(scan_one("+" + std::string(100'000, 'x'), 1000) == State::malformed);
}

TEST_CASE("a reply that is too large is told from its header")
{
    CHECK(scan_one("$1073741824\r\n") == State::too_large);
    CHECK(scan_one("*2147483647\r\n") == State::too_large);
    std::string nested;
    for (int level = 0; level < 3; ++level) {
        nested += "*1000000\r\n";
    }
    CHECK(scan_one(nested) == State::too_large);
}

TEST_CASE("an error is found at any depth, and the first one counts")
{
    RespScanner scanner;
    scanner.expect(3, false);
    CHECK(scan(scanner, "+OK\r\n*2\r\n:1\r\n-WRONGTYPE no\r\n-ERR other\r\n", 3) == State::done);
    CHECK(scanner.first_error() == "WRONGTYPE no");
    scanner.expect(1, false);
    CHECK(scan(scanner, "!8\r\nSYNTAX x\r\n", 3) == State::done);
    CHECK(scanner.first_error() == "SYNTAX x");
    scanner.expect(1, false);
    CHECK_FALSE(scanner.first_error());
}

TEST_CASE("messages are replies only to whom waits for them")
{
    const std::string_view bytes = ">2\r\n+message\r\n+x\r\n";
    RespScanner scanner;
    scanner.expect(1, false);
    CHECK(scan(scanner, bytes, 100) == State::more);
    scanner.expect(1, true);
    CHECK(scan(scanner, bytes, 100) == State::done);
}

TEST_CASE("replies become JSON")
{
    CHECK(json_of("+OK\r\n") == "\"OK\"");
    CHECK(json_of("$-1\r\n") == "null");
    CHECK(json_of("*3\r\n:1\r\n$1\r\na\r\n-ERR x\r\n") == R"([1,"a",{"error":"ERR x"}])");
    CHECK(json_of("%2\r\n+a\r\n:1\r\n:2\r\n#f\r\n") == R"({"a":1,"2":false})");
    CHECK(json_of("=7\r\ntxt:abc\r\n") == "\"abc\"");
    CHECK(json_of(",inf\r\n") == "\"inf\"");
    CHECK(json_of("|1\r\n+ttl\r\n:9\r\n:5\r\n") == "5");
    CHECK(json_of(">1\r\n+x\r\n+OK\r\n") == "\"OK\"");
    CHECK(json_of(">1\r\n+x\r\n", true) == R"(["x"])");
    std::string deep;
    for (int level = 0; level < 40; ++level) {
        deep += "*1\r\n";
    }
    std::string_view bytes = deep += ":1\r\n";
    CHECK(take_reply(bytes, false).has_error());
}

TEST_CASE("over RESP2 the scanner and hiredis's reader see the same")
{
    const auto seed = GENERATE(range(0, 3000));
    CAPTURE(seed);
    Random random(static_cast<std::uint64_t>(seed));
    auto reply = random_reply(random, 0);
    CHECK(scan_one(reply, static_cast<std::size_t>(random.between(1, 9))) == State::done);
    CHECK(hiredis_scan(reply) == State::done);
    const auto cut = std::string_view(reply).substr(0, static_cast<std::size_t>(random.between(0, 40)));
    CHECK(scan_one(cut, 7) == hiredis_scan(cut));
}

} // namespace squall::drivers
