// HdrHistogram's V2 compressed encoding. Layout after the format's own documentation (HdrHistogram, "V2 encoding"):
//   compressed: int32 cookie 0x1c849304, int32 length, zlib stream of the plain form
//   plain:      int32 cookie 0x1c849303, int32 payload length, int32 normalizing index offset, int32 digits,
//               int64 lowest, int64 highest, double ratio, payload
//   payload:    ZigZag LEB128 counts in order of the places; a negative number stands for that many zeros
// All integers big-endian.
#include "measure/base64.hpp"
#include "measure/histogram.hpp"
#include "measure/histogram_layout.hpp"

#include <zlib.h>

#include <bit>
#include <limits>
#include <memory>
#include <new>

namespace squall::measure {
namespace {

constexpr std::uint32_t compressed_cookie = 0x1c849304;
constexpr std::uint32_t plain_cookie = 0x1c849303;
constexpr std::uint32_t cookie_without_word_size = 0xffffff0f;
constexpr std::size_t plain_header_bytes = 40;
constexpr std::uint64_t largest_count = std::numeric_limits<std::int64_t>::max();
// 9 bytes for every place, and the header: nothing longer can be valid.
constexpr std::size_t largest_plain = plain_header_bytes + layout::places * 9;

template <typename Integer>
void put(std::string& out, Integer value)
{
    for (int shift = static_cast<int>(sizeof(Integer)) * 8 - 8; shift >= 0; shift -= 8) {
        out += static_cast<char>((static_cast<std::uint64_t>(value) >> static_cast<unsigned>(shift)) & 0xffU);
    }
}

template <typename Integer>
Integer take(std::string_view& in)
{
    std::uint64_t value = 0;
    for (std::size_t at = 0; at < sizeof(Integer); ++at) {
        value = (value << 8U) | static_cast<unsigned char>(in[at]);
    }
    in.remove_prefix(sizeof(Integer));
    return static_cast<Integer>(value);
}

/// LEB128 of the ZigZag form; the ninth byte carries eight bits.
void put_count(std::string& out, std::int64_t value)
{
    auto rest = (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63);
    for (int byte = 0; byte < 8; ++byte) {
        if (rest < 0x80) {
            out += static_cast<char>(rest);
            return;
        }
        out += static_cast<char>((rest & 0x7fU) | 0x80U);
        rest >>= 7U;
    }
    out += static_cast<char>(rest);
}

bool take_count(std::string_view& in, std::int64_t& value)
{
    std::uint64_t zigzag = 0;
    for (unsigned byte = 0; byte < 9; ++byte) {
        if (in.empty()) {
            return false;
        }
        const std::uint64_t bits = static_cast<unsigned char>(in.front());
        in.remove_prefix(1);
        zigzag |= (byte == 8 ? bits : bits & 0x7fU) << (7U * byte);
        if (byte == 8 || bits < 0x80) {
            break;
        }
    }
    value = static_cast<std::int64_t>((zigzag >> 1U) ^ (~(zigzag & 1U) + 1U));
    return true;
}

std::string payload_of(const std::vector<std::uint64_t>& counts)
{
    std::string payload;
    std::int64_t zeros = 0;
    for (const auto count : counts) {
        if (count == 0) {
            ++zeros;
            continue;
        }
        if (zeros > 0) {
            put_count(payload, zeros == 1 ? 0 : -zeros);
            zeros = 0;
        }
        put_count(payload, static_cast<std::int64_t>(count));
    }
    return payload;
}

std::string deflated(const std::string& plain)
{
    auto size = compressBound(plain.size());
    std::string packed(size, '\0');
    if (compress2(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(plain.data()),
                  plain.size(), Z_BEST_SPEED) != Z_OK) {
        throw std::bad_alloc(); // with a buffer of compressBound() nothing else can fail
    }
    packed.resize(size);
    return packed;
}

Result<std::string> inflated(std::string_view packed)
{
    // Left unset: a journal has thousands of small ones, and clearing this for each would cost more than reading it.
    const auto plain = std::make_unique_for_overwrite<Bytef[]>(largest_plain);
    uLongf size = largest_plain;
    if (uncompress(plain.get(), &size, reinterpret_cast<const Bytef*>(packed.data()), packed.size()) != Z_OK) {
        return fail("the histogram's compressed data is damaged");
    }
    return std::string(reinterpret_cast<const char*>(plain.get()), size);
}

} // namespace

std::string Histogram::encode() const
{
    const auto payload = payload_of(counts_);
    std::string plain;
    put(plain, plain_cookie | 0x10U);
    put(plain, static_cast<std::uint32_t>(payload.size()));
    put(plain, std::uint32_t{0});
    put(plain, std::uint32_t{layout::significant_digits});
    put(plain, std::int64_t{1});
    put(plain, std::int64_t{layout::highest_value});
    put(plain, std::bit_cast<std::uint64_t>(1.0));
    plain += payload;
    const auto packed = deflated(plain);
    std::string whole;
    put(whole, compressed_cookie | 0x10U);
    put(whole, static_cast<std::uint32_t>(packed.size()));
    return to_base64(whole + packed);
}

Result<Histogram> Histogram::decode(std::string_view text)
{
    const auto bytes = from_base64(text);
    if (!bytes || bytes->size() < 8) {
        return fail("the histogram is not base64 of the V2 compressed form");
    }
    std::string_view whole = *bytes;
    if ((take<std::uint32_t>(whole) & cookie_without_word_size) != (compressed_cookie & cookie_without_word_size)) {
        return fail("the histogram is not in HdrHistogram's V2 compressed form");
    }
    const auto packed_size = take<std::uint32_t>(whole);
    if (packed_size > whole.size()) {
        return fail("the histogram is cut short");
    }
    auto plain = inflated(whole.substr(0, packed_size));
    if (!plain) {
        return plain.error();
    }
    std::string_view rest = *plain;
    if (rest.size() < plain_header_bytes ||
        (take<std::uint32_t>(rest) & cookie_without_word_size) != (plain_cookie & cookie_without_word_size)) {
        return fail("the histogram's content is not in HdrHistogram's V2 form");
    }
    const auto length = take<std::uint32_t>(rest);
    // The index offset says how the writer's array was rotated; the counts are in the order of the values all the same.
    take<std::uint32_t>(rest);
    const auto digits = take<std::uint32_t>(rest);
    const auto lowest = take<std::int64_t>(rest);
    const auto highest_value = take<std::int64_t>(rest);
    rest.remove_prefix(sizeof(double));
    if (digits != layout::significant_digits || lowest != 1 || highest_value < 1) {
        return fail("the histogram has another layout than 1 µs and three digits");
    }
    if (length != rest.size()) {
        return fail("the histogram's counts are cut short");
    }
    return counts_from(rest);
}

Result<Histogram> Histogram::counts_from(std::string_view payload)
{
    Histogram histogram;
    std::size_t place = 0;
    while (!payload.empty()) {
        std::int64_t count = 0;
        if (!take_count(payload, count)) {
            return fail("the histogram's counts are cut short");
        }
        const std::uint64_t step = count < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(count) : 1;
        if (step > layout::places - place) {
            return fail("the histogram holds values above 1 h");
        }
        if (count > 0) {
            const auto times = static_cast<std::uint64_t>(count);
            if (times > largest_count - histogram.count_) {
                return fail("the histogram holds an impossible count");
            }
            histogram.restore(place, times);
        }
        place += step;
    }
    return histogram;
}

} // namespace squall::measure
