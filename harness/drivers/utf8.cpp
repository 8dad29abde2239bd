#include "drivers/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace squall::drivers {
namespace {

constexpr std::uint64_t high_bits = 0x8080808080808080U;

/// The bytes that are ASCII at the front, in steps of eight.
std::size_t ascii_prefix(std::string_view text)
{
    std::size_t at = 0;
    for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, text.data() + at, sizeof eight);
        if ((eight & high_bits) != 0) {
            break;
        }
    }
    return at;
}

/// What may follow a first byte: how many bytes in all, and the range of the second (RFC 3629 section 4).
struct Sequence {
    std::size_t size = 0; // 0: no first byte
    unsigned low = 0x80;
    unsigned high = 0xBF;
};

Sequence sequence_of(unsigned first)
{
    if (first < 0x80) {
        return {1};
    }
    if (first >= 0xC2 && first <= 0xDF) {
        return {2};
    }
    if (first >= 0xE0 && first <= 0xEF) {
        return {3, first == 0xE0 ? 0xA0U : 0x80U, first == 0xED ? 0x9FU : 0xBFU};
    }
    if (first >= 0xF0 && first <= 0xF4) {
        return {4, first == 0xF0 ? 0x90U : 0x80U, first == 0xF4 ? 0x8FU : 0xBFU};
    }
    return {};
}

} // namespace

bool is_utf8(std::string_view text)
{
    const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    for (std::size_t at = ascii_prefix(text); at < text.size();) {
        const auto sequence = sequence_of(byte(at));
        if (sequence.size == 0 || at + sequence.size > text.size()) {
            return false;
        }
        for (std::size_t next = 1; next < sequence.size; ++next) {
            const unsigned low = next == 1 ? sequence.low : 0x80U;
            const unsigned high = next == 1 ? sequence.high : 0xBFU;
            if (byte(at + next) < low || byte(at + next) > high) {
                return false;
            }
        }
        at += sequence.size;
    }
    return true;
}

} // namespace squall::drivers
