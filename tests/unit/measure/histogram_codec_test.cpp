#include "base/random.hpp"
#include "measure/base64.hpp"
#include "measure/histogram.hpp"

#include "catch.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <zlib.h>

using namespace std::chrono_literals;
using squall::Duration;
using squall::Percentile;
using squall::Random;
using squall::measure::from_base64;
using squall::measure::Histogram;
using squall::measure::to_base64;

namespace {

Histogram random_histogram(std::uint64_t seed)
{
    Random random(seed);
    Histogram histogram;
    const auto values = random.between(1, 400);
    for (std::int64_t i = 0; i < values; ++i) {
        const auto value = static_cast<Duration::rep>(std::exp(random.uniform() * 28.9)); // up to 1 h in ns
        histogram.record(Duration(value), static_cast<std::uint64_t>(std::exp(random.uniform() * 12)));
    }
    return histogram;
}

/// What the format cannot carry is given back by the journal; with it the histograms must be equal in every count.
void check_round_trip(const Histogram& original)
{
    auto decoded = Histogram::decode(original.encode());
    REQUIRE(decoded.has_value());
    CHECK(decoded->count() == original.count() - original.overflow_count());
    decoded->set_exact(original.min(), original.max(), original.sum(), original.overflow_count());
    CHECK(*decoded == original);
}

void put(std::string& out, std::uint64_t value, int bytes)
{
    for (int shift = bytes * 8 - 8; shift >= 0; shift -= 8) {
        out += static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xffU);
    }
}

/// Any payload under a right header and a right zlib checksum, so that the reader gets to it.
std::string packed(const std::string& payload, std::uint64_t offset = 0, std::uint64_t digits = 3)
{
    std::string plain;
    put(plain, 0x1c849313, 4);
    put(plain, payload.size(), 4);
    put(plain, offset, 4);
    put(plain, digits, 4);
    put(plain, 1, 8);
    put(plain, 3'600'000'000, 8);
    put(plain, std::bit_cast<std::uint64_t>(1.0), 8);
    plain += payload;
    auto size = compressBound(plain.size());
    std::string zipped(size, '\0');
    REQUIRE(compress(reinterpret_cast<Bytef*>(zipped.data()), &size, reinterpret_cast<const Bytef*>(plain.data()),
                     plain.size()) == Z_OK);
    zipped.resize(size);
    std::string whole;
    put(whole, 0x1c849314, 4);
    put(whole, size, 4);
    return to_base64(whole + zipped);
}

/// Whatever the text is: an error that says something, or a histogram that can be used.
void check_harmless(const std::string& text)
{
    const auto decoded = Histogram::decode(text);
    if (!decoded) {
        CHECK(!decoded.error().message.empty());
        return;
    }
    CHECK(decoded->value_at(Percentile::of(50)) <= decoded->max());
    CHECK(Histogram::decode(decoded->encode()).has_value());
}

} // namespace

TEST_CASE("histograms are written and read in HdrHistogram's V2 compressed form")
{
    SECTION("a round trip keeps every count")
    {
        for (std::uint64_t seed = 1; seed <= 100; ++seed) {
            INFO("seed " << seed);
            check_round_trip(random_histogram(seed));
        }
    }
    SECTION("so it does at the edges: 0, 1 h, and beyond it")
    {
        Histogram edges;
        edges.record(0ns);
        check_round_trip(edges);
        edges.record(1us, 1'000'000'000'000);
        edges.record(1h);
        check_round_trip(edges);
        edges.record(5h, 3);
        check_round_trip(edges);
        Histogram beyond;
        beyond.record(5h);
        const auto decoded = Histogram::decode(beyond.encode());
        REQUIRE(decoded.has_value());
        CHECK(decoded->count() == 0);
    }
    SECTION("an empty one stays empty")
    {
        const auto decoded = Histogram::decode(Histogram().encode());
        REQUIRE(decoded.has_value());
        CHECK(*decoded == Histogram());
    }
    SECTION("without the exact values the extremes are those of the buckets")
    {
        Histogram original;
        original.record(100'000us);
        original.record(900'000us, 9);
        const auto decoded = Histogram::decode(original.encode());
        REQUIRE(decoded.has_value());
        CHECK(decoded->min() <= 100'000us);
        CHECK(decoded->min().count() == Approx(1e8).epsilon(0.001));
        CHECK(decoded->max() >= 900'000us);
        CHECK(decoded->max().count() == Approx(9e8).epsilon(0.001));
        CHECK(decoded->mean().count() == Approx(820e6).epsilon(0.001));
    }
    SECTION("the text begins as every reader of the format expects")
    {
        CHECK(random_histogram(3).encode().substr(0, 6) == "HISTFA");
    }
}

// Vectors of other implementations: the first is in the tests of hdrhistogram-go and hdr-histogram-js; the second was
// made with hdr-histogram-js 3.0.1 by recording, for k from 1 to 150, 1000·k³ + k, (k mod 3) + 1 times, and 0 five
// times (its header rewritten to offset 0 and ratio 1, as the Java original writes them).
TEST_CASE("histograms that other implementations wrote are read")
{
    SECTION("a single value")
    {
        const auto decoded = Histogram::decode("HISTFAAAAB542pNpmSzMwMDAxAABzFCaEUoz2X+AMIKZAEARAtM=");
        REQUIRE(decoded.has_value());
        CHECK(decoded->count() == 1);
        CHECK(decoded->min() == 42us);
        CHECK(decoded->max() == 42us);
        CHECK(decoded->mean() == 42us);
    }
    SECTION("many values over the whole range, with the percentiles that implementation gives")
    {
        auto decoded = Histogram::decode(
            "HISTFAAAAVx42i2MMUtbAQCEc/fOQ9Ihg27tX5AQggSRECSUIqGEUIJIEJEQSskQrHQQEZFWSggSQuhQMgRpixQHBxGHUDpIpwwOpe3k"
            "IKWIg1Rx6OAQn9ob7uDg+x69aY9EIngZuU/wf3FbP9sfI5mL+yN6FFM/7sZD/h1VN+azB/wW1XbU1+bWsE6GvGHuWm35j/h1SL3AXwJe"
            "BdqRmwGPqEu6FXA/0D96ALaobbpHfqfO6HOwD/2Cf4OX0ADeJDshBXfAD9BneA/sQYdwH/wBHcOn4Ca04nVwA6rDTfAd9B7ugp+gHXgX"
            "PIAa8DzLqvgFq6p5ka+07FWu6TX8FqxDTbgFzinnp8yr4AKLmvEsS5oL0QWVXeFzVV1lTYteYkETnmRaGWc4pSlnmdUTP+a0pp1jTvnQ"
            "Uwg9z0JP0TOcVckljmnMccaVcIIJJZ1kUuMeZ0oppzhx55xU2mneAFVbU0E=");
        REQUIRE(decoded.has_value());
        CHECK(decoded->count() == 305);
        CHECK(decoded->value_at(Percentile::of(50)) == 405'274'623us);
        CHECK(decoded->value_at(Percentile::of(90)) == 2'462'056'447us);
        CHECK(decoded->value_at(Percentile::of(99)) == 3'309'305'855us);
        CHECK(static_cast<double>(decoded->mean().count()) == Approx(837'257'401'967.2).epsilon(1e-9));

        Histogram recorded;
        recorded.record(0ns, 5);
        for (std::int64_t k = 1; k <= 150; ++k) {
            recorded.record(std::chrono::microseconds(1000 * k * k * k + k), static_cast<std::uint64_t>(k % 3 + 1));
        }
        decoded->set_exact(recorded.min(), recorded.max(), recorded.sum(), 0);
        CHECK(*decoded == recorded);
    }
    SECTION("another format, range or precision is refused with the reason")
    {
        const auto v1 = Histogram::decode(
            "HISTIgAAAFd42pNpmazIwMAYxgABTBDKT4GBgdnNYMcCBvsPUBkeBkYGZqA8MwMbAzsDC5DFBCTZgJCDQY1BjkGLQZRBlUEPCB8zWDCY"
            "MxgDZZkZhgJgHDibAY8JB/A=");
        REQUIRE(!v1);
        CHECK_THAT(v1.error().message, ContainsSubstring("V2"));
        const auto from_20 = Histogram::decode("HISTFAAAABl4nJNpmSzMgADMUFoEyn1h/wHCAgBDogN4");
        REQUIRE(!from_20);
        CHECK_THAT(from_20.error().message, ContainsSubstring("layout"));
    }
}

TEST_CASE("a damaged histogram is an error or a valid histogram, never a crash")
{
    const auto good = random_histogram(77).encode();
    SECTION("cut at every length")
    {
        for (std::size_t length = 0; length < good.size(); ++length) {
            CHECK(!Histogram::decode(std::string_view(good).substr(0, length)));
        }
    }
    SECTION("each letter changed")
    {
        for (std::size_t at = 0; at < good.size(); ++at) {
            for (const char letter : {'A', '/', '=', '\0', '\xff'}) {
                auto text = good;
                text[at] = letter;
                check_harmless(text);
            }
        }
    }
    SECTION("each bit of the bytes flipped")
    {
        const auto bytes = from_base64(good);
        REQUIRE(bytes);
        for (std::size_t bit = 0; bit < bytes->size() * 8; ++bit) {
            auto changed = *bytes;
            changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
            check_harmless(to_base64(changed));
        }
    }
    SECTION("random bytes behind a right beginning")
    {
        Random random(5);
        for (int i = 0; i < 2000; ++i) {
            std::string bytes("\x1c\x84\x93\x14", 4);
            const auto length = random.between(0, 200);
            for (std::int64_t at = 0; at < length; ++at) {
                bytes += static_cast<char>(random());
            }
            check_harmless(to_base64(bytes));
        }
    }
    SECTION("no text at all")
    {
        CHECK(!Histogram::decode(""));
        CHECK(!Histogram::decode("===="));
        CHECK(!Histogram::decode("not base64!"));
    }
}

TEST_CASE("a histogram that is well packed but wrong inside is an error too")
{
    const std::string largest("\xfe\xff\xff\xff\xff\xff\xff\xff\xff", 9); // the largest count
    SECTION("this test packs as the reader expects")
    {
        const auto decoded = Histogram::decode(packed("\x53\x02")); // 42 zeros, then one
        REQUIRE(decoded.has_value());
        CHECK(decoded->count() == 1);
        CHECK(decoded->max() == 42us);
    }
    SECTION("zeros or counts beyond the last place")
    {
        const std::string endless("\xff\xff\xff\xff\xff\xff\xff\xff\xff", 9); // as many zeros as a number can say
        for (const auto& payload : {endless, endless + endless + "\x02", "\x53" + endless + "\x02",
                                    "\xff\xff\xff\xff\x0f\x02" + std::string(), std::string(100'000, '\x02')}) {
            CHECK(!Histogram::decode(packed(payload)));
        }
    }
    SECTION("counts whose sum passes 63 bits, while the largest alone is read")
    {
        CHECK(!Histogram::decode(packed(largest + "\x02")));
        const auto decoded = Histogram::decode(packed("\x53" + largest));
        REQUIRE(decoded.has_value());
        CHECK(decoded->count() == static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
        CHECK(decoded->value_at(Percentile::of(99)) == 42us);
        CHECK(decoded->sum() == Duration::max());
    }
    SECTION("a number that breaks off, another precision")
    {
        CHECK(!Histogram::decode(packed("\x53\x80")));
        CHECK(!Histogram::decode(packed("\x53\x02", 0, 2)));
    }
    SECTION("more than any histogram can hold, which must not fill the memory")
    {
        CHECK(!Histogram::decode(packed(std::string(10'000'000, '\0'))));
    }
    SECTION("random payloads are harmless")
    {
        Random random(9);
        for (int i = 0; i < 2000; ++i) {
            std::string payload;
            const auto length = random.between(0, 60);
            for (std::int64_t at = 0; at < length; ++at) {
                payload += static_cast<char>(random.uniform() < 0.5 ? random() : random() & 0x7fU);
            }
            check_harmless(packed(payload));
        }
    }
}
