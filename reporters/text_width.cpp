#include "reporters/text_width.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace squall::reporters {
namespace {

struct Letter {
    std::string_view bytes;
    char32_t code = 0;
    bool broken = false;
};

/// Takes one letter off the front of a text that is not empty. Overlong forms are broken; surrogates cannot occur in a
/// width that matters.
Letter take_letter(std::string_view& text)
{
    const auto lead = static_cast<std::uint8_t>(text.front());
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xC2 && lead < 0xE0 ? 2
                               : lead >= 0xE0 && lead < 0xF0 ? 3
                               : lead >= 0xF0 && lead < 0xF5 ? 4
                                                             : 0;
    char32_t code = length <= 1 ? lead : lead & (0xFFU >> (length + 1));
    bool whole = length > 0 && length <= text.size();
    for (std::size_t at = 1; whole && at < length; ++at) {
        const auto next = static_cast<std::uint8_t>(text[at]);
        whole = (next & 0xC0U) == 0x80;
        code = (code << 6U) | (next & 0x3FU);
    }
    const Letter letter{text.substr(0, whole ? length : 1), code, !whole};
    text.remove_prefix(letter.bytes.size());
    return letter;
}

struct Range {
    char32_t first;
    char32_t last;
};

// Unicode Standard Annex 11 (East Asian Width: W and F) and general category Mn/Me/Cf, the blocks in common use.
constexpr std::array<Range, 9> wide_ranges{{{0x1100, 0x115F},
                                            {0x2E80, 0x303E},
                                            {0x3041, 0xA4CF},
                                            {0xAC00, 0xD7A3},
                                            {0xF900, 0xFAFF},
                                            {0xFE30, 0xFE6F},
                                            {0xFF00, 0xFF60},
                                            {0x1F300, 0x1FAFF},
                                            {0x20000, 0x3FFFD}}};
constexpr std::array<Range, 5> combining_ranges{
    {{0x0300, 0x036F}, {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}}};

template <std::size_t N>
bool lies_in(char32_t code, const std::array<Range, N>& ranges)
{
    return std::any_of(ranges.begin(), ranges.end(),
                       [code](const Range& range) { return code >= range.first && code <= range.last; });
}

std::size_t columns_of(const Letter& letter)
{
    if (letter.broken || letter.code < 0x300) {
        return 1;
    }
    return lies_in(letter.code, combining_ranges) ? 0 : lies_in(letter.code, wide_ranges) ? 2 : 1;
}

/// As many letters from the front as fit.
std::string_view front_that_fits(std::string_view text, std::size_t width)
{
    const auto whole = text;
    std::size_t used = 0;
    while (!text.empty()) {
        auto rest = text;
        used += columns_of(take_letter(rest));
        if (used > width) {
            break;
        }
        text = rest;
    }
    return whole.substr(0, whole.size() - text.size());
}

/// The shortest rest that fits, from a letter's boundary.
std::string_view back_that_fits(std::string_view text, std::size_t width)
{
    while (display_width(text) > width) {
        take_letter(text);
    }
    return text;
}

} // namespace

std::size_t display_width(std::string_view text)
{
    std::size_t width = 0;
    while (!text.empty()) {
        width += columns_of(take_letter(text));
    }
    return width;
}

std::string cut_middle(std::string_view text, std::size_t width)
{
    if (display_width(text) <= width) {
        return std::string(text);
    }
    if (width == 0) {
        return {};
    }
    const auto kept = width - 1;
    const auto front = front_that_fits(text, (kept + 1) / 2);
    return std::string(front) + "…" + std::string(back_that_fits(text, kept / 2));
}

std::vector<std::string> wrap(std::string_view text, std::size_t width)
{
    width = std::max<std::size_t>(width, 2); // a wide letter fits, so that every round takes something
    std::vector<std::string> lines{""};
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        auto word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto used = display_width(lines.back());
        if (used > 0 && used + 1 + display_width(word) > width) {
            lines.emplace_back();
        } else if (used > 0) {
            lines.back() += ' ';
        }
        while (display_width(word) > width) {
            const auto front = front_that_fits(word, width);
            lines.back() += front;
            lines.emplace_back();
            word.remove_prefix(front.size());
        }
        lines.back() += word;
    }
    return lines;
}

std::string printable(std::string_view text)
{
    std::string safe;
    while (!text.empty()) {
        const auto letter = take_letter(text);
        if (letter.code == '\n' || letter.code == '\r' || letter.code == '\t') {
            safe += ' ';
        } else if (letter.broken || letter.code < 0x20 || (letter.code >= 0x7F && letter.code < 0xA0)) {
            safe += '?';
        } else {
            safe += letter.bytes;
        }
    }
    return safe;
}

} // namespace squall::reporters
