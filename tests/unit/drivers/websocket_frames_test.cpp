#include "drivers/message_deflate.hpp"
#include "drivers/utf8.hpp"
#include "drivers/websocket_frames.hpp"

#include "catch.hpp"

#include <string>
#include <vector>

namespace squall::drivers {
namespace {

using Event = MessageReader::Event;

struct Seen {
    Event event;
    std::string payload;
};

/// All events of the bytes when they come in pieces of `piece`.
std::vector<Seen> read_in_pieces(MessageReader& reader, std::string_view bytes, std::size_t piece)
{
    std::vector<Seen> seen;
    while (!bytes.empty()) {
        auto part = bytes.substr(0, piece);
        bytes.remove_prefix(part.size());
        for (auto event = reader.next(part); event != Event::more; event = reader.next(part)) {
            seen.push_back({event, std::string(reader.payload())});
            if (event == Event::failed) {
                return seen;
            }
        }
    }
    return seen;
}

std::vector<Seen> read(std::string_view bytes, MessageReader::Rules rules = {1000, nullptr})
{
    MessageReader reader(rules);
    return read_in_pieces(reader, bytes, bytes.size());
}

/// Why the bytes are refused.
std::string refused(std::string_view bytes, MessageReader::Rules rules = {1000, nullptr})
{
    MessageReader reader(rules);
    const auto seen = read_in_pieces(reader, bytes, bytes.size());
    REQUIRE_FALSE(seen.empty());
    REQUIRE(seen.back().event == Event::failed);
    return std::string(reader.fault_text());
}

std::string operator""_b(const char* text, std::size_t size)
{
    return {text, size};
}

} // namespace

TEST_CASE("the examples of RFC 6455 section 5.7")
{
    SECTION("an unmasked text message in one frame")
    {
        const auto seen = read("\x81\x05Hello"_b);
        REQUIRE(seen.size() == 1);
        CHECK(seen[0].event == Event::text);
        CHECK(seen[0].payload == "Hello");
    }
    SECTION("a masked text message is what a client writes")
    {
        std::string out;
        const auto key = "\x37\xfa\x21\x3d"_b;
        std::uint32_t mask = 0;
        key.copy(reinterpret_cast<char*>(&mask), 4);
        append_frame(Opcode::text, "Hello", mask, false, out);
        CHECK(out == "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"_b);
    }
    SECTION("a fragmented message with a ping between its frames, in pieces of every size")
    {
        const auto bytes = "\x01\x03Hel\x89\x02hi\x80\x02lo\x82\x00"_b;
        for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
            MessageReader reader({1000, nullptr});
            const auto seen = read_in_pieces(reader, bytes, piece);
            REQUIRE(seen.size() == 3);
            CHECK(seen[0].event == Event::ping);
            CHECK(seen[0].payload == "hi");
            CHECK(seen[1].event == Event::text);
            CHECK(seen[1].payload == "Hello");
            CHECK(seen[2].event == Event::binary);
            CHECK(seen[2].payload.empty());
        }
    }
    SECTION("lengths of two and of eight bytes")
    {
        const std::string small(256, 'x');
        const std::string large(65536, 'y');
        const auto seen =
            read("\x82\x7E\x01\x00"_b + small + "\x82\x7F\x00\x00\x00\x00\x00\x01\x00\x00"_b + large, {70000, nullptr});
        REQUIRE(seen.size() == 2);
        CHECK(seen[0].payload == small);
        CHECK(seen[1].payload == large);
    }
}

TEST_CASE("what a server may not send is refused by its name")
{
    CHECK(refused("\x81\x85\x01\x02\x03\x04Hello"_b).find("masked") != std::string::npos);
    CHECK(refused("\xA1\x05Hello"_b).find("reserved bit") != std::string::npos);
    CHECK(refused("\xC1\x05Hello"_b).find("reserved bit") != std::string::npos);
    CHECK(refused("\x83\x00"_b).find("opcode") != std::string::npos);
    CHECK(refused("\x8B\x00"_b).find("opcode") != std::string::npos);
    CHECK(refused("\x09\x00"_b).find("control") != std::string::npos);
    CHECK(refused("\x89\x7E\x00\x7E"_b).find("control") != std::string::npos);
    CHECK(refused("\x80\x00"_b).find("continuation") != std::string::npos);
    CHECK(refused("\x01\x00\x01\x00"_b).find("inside another") != std::string::npos);
    CHECK(refused("\x82\x7E\x00\x7D"_b).find("length") != std::string::npos);
    CHECK(refused("\x82\x7F\x80\x00\x00\x00\x00\x00\x00\x00"_b).find("length") != std::string::npos);
    CHECK(refused("\x88\x01x"_b).find("valid code") != std::string::npos);
    CHECK(refused("\x88\x02\x03\xED"_b).find("valid code") != std::string::npos); // 1005 is never sent
    CHECK(refused("\x88\x03\x03\xE8\xFF"_b).find("UTF-8") != std::string::npos);
    CHECK(refused("\x81\x01\xFF"_b).find("UTF-8") != std::string::npos);
}

TEST_CASE("a message above the limit is refused at its header")
{
    MessageReader reader({1000, nullptr});
    const auto gigabyte = "\x82\x7F\x00\x00\x00\x00\x40\x00\x00\x00"_b;
    std::string_view bytes = gigabyte;
    CHECK(reader.next(bytes) == Event::failed);
    CHECK(reader.fault() == MessageReader::Fault::too_large);
    CHECK(reader.fault_code() == close_too_big);

    SECTION("also when it comes in fragments that are each below it")
    {
        const std::string part(600, 'x');
        CHECK(refused("\x02\x7E\x02\x58"_b + part + "\x80\x7E\x02\x58"_b + part).find("limit") != std::string::npos);
    }
}

TEST_CASE("a close frame gives its code and reason")
{
    MessageReader reader({1000, nullptr});
    const auto bye = "\x88\x05\x03\xE9"
                     "bye"_b;
    std::string_view bytes = bye;
    REQUIRE(reader.next(bytes) == Event::close);
    CHECK(reader.close_code() == 1001);
    CHECK(reader.payload() == "bye");
    std::string_view empty("\x88\x00", 2);
    REQUIRE(reader.next(empty) == Event::close);
    CHECK(reader.close_code() == close_no_status);
}

TEST_CASE("permessage-deflate without context takeover")
{
    MessageDeflate deflate;

    SECTION("the example of RFC 7692 section 7.2.3.1, and that of a last block")
    {
        const MessageReader::Rules rules{1000, &deflate};
        const auto seen = read("\xC1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"
                               "\xC1\x08\xf3\x48\xcd\xc9\xc9\x07\x00\x00"_b,
                               rules);
        REQUIRE(seen.size() == 2);
        CHECK(seen[0].payload == "Hello");
        CHECK(seen[1].payload == "Hello");
    }
    SECTION("what is compressed comes back, message by message")
    {
        for (const std::string& text : {std::string(), std::string("a"), std::string(100000, 'b')}) {
            std::string packed;
            std::string unpacked;
            REQUIRE(deflate.compress(text, packed));
            REQUIRE(deflate.decompress(packed, 100000, unpacked) == InflateOutcome::done);
            CHECK(unpacked == text);
        }
    }
    SECTION("a bomb ends at the limit, and garbage is refused")
    {
        std::string packed;
        REQUIRE(deflate.compress(std::string(1000000, 'b'), packed));
        std::string out;
        CHECK(deflate.decompress(packed, 5000, out) == InflateOutcome::too_large);
        CHECK(out.size() <= 5000);
        CHECK(refused("\xC2\x04\xFF\xFF\xFF\xFF"_b, {1000, &deflate}).find("permessage") != std::string::npos);
    }
}

TEST_CASE("UTF-8 as RFC 3629 has it")
{
    for (const char* good : {"", "plain text longer than eight", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80",
                             "eight   \xC3\xA9", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"}) {
        CHECK(is_utf8(good));
    }
    for (const char* bad : {"\x80", "\xC0\xAF", "\xC3", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
                            "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "abcdefgh\xFF", "\xE2\x82"}) {
        CHECK_FALSE(is_utf8(bad));
    }
}

} // namespace squall::drivers
