#include "plan/render.hpp"

#include "base/assert.hpp"

#include <array>
#include <charconv>

namespace squall::plan {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

void append_number(std::int64_t number, std::string& out)
{
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

/// Version 4, variant 1 (RFC 9562 section 5.4).
void append_uuid(Random& random, std::string& out)
{
    const std::uint64_t high = (random() & ~0xf000ULL) | 0x4000ULL;
    const std::uint64_t low = (random() & ~(3ULL << 62U)) | (2ULL << 62U);
    for (int digit = 0; digit < 32; ++digit) {
        if (digit == 8 || digit == 12 || digit == 16 || digit == 20) {
            out.push_back('-');
        }
        const std::uint64_t word = digit < 16 ? high : low;
        out.push_back(hex_digits[(word >> (60U - 4U * (static_cast<unsigned>(digit) % 16U))) & 0xfU]);
    }
}

void append_generated(const scenario::Generator& generator, GeneratorState& state, std::string& out)
{
    switch (generator.kind) {
    case scenario::Generator::Kind::uuid:
        append_uuid(state.random, out);
        return;
    case scenario::Generator::Kind::sequence:
        SQUALL_ASSERT(state.sequence != nullptr);
        append_number(static_cast<std::int64_t>(state.sequence->fetch_add(1, std::memory_order_relaxed)), out);
        return;
    case scenario::Generator::Kind::random_int:
        append_number(state.random.between(generator.low, generator.high), out);
        return;
    }
}

} // namespace

void append_json_escaped(std::string_view text, std::string& out)
{
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        switch (letter) {
        case '"':
            out.append("\\\"");
            break;
        case '\\':
            out.append("\\\\");
            break;
        case '\n':
            out.append("\\n");
            break;
        case '\r':
            out.append("\\r");
            break;
        case '\t':
            out.append("\\t");
            break;
        default:
            if (byte < 0x20) {
                out.append("\\u00");
                out.push_back(hex_digits[byte >> 4U]);
                out.push_back(hex_digits[byte & 0xfU]);
            } else {
                out.push_back(letter);
            }
        }
    }
}

void render(const BoundText& text, const UserMemory& memory, GeneratorState& generators, std::string& out)
{
    if (text.constant) {
        out.append(*text.constant);
        return;
    }
    for (const auto& segment : text.segments) {
        if (const auto* literal = std::get_if<std::string>(&segment.content)) {
            out.append(*literal);
        } else if (const auto* slot = std::get_if<Slot>(&segment.content)) {
            if (segment.inside_json) {
                append_json_escaped(memory.get(*slot), out);
            } else {
                out.append(memory.get(*slot));
            }
        } else {
            append_generated(std::get<scenario::Generator>(segment.content), generators, out);
        }
    }
}

} // namespace squall::plan
