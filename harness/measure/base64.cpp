#include "measure/base64.hpp"

#include <cstdint>

namespace squall::measure {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

} // namespace

std::string to_base64(std::string_view bytes)
{
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            group = (group << 8U) | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            const bool padding = at + i > bytes.size();
            text += padding ? '=' : alphabet[(group >> (18U - 6U * i)) & 63U];
        }
    }
    return text;
}

std::optional<std::string> from_base64(std::string_view text)
{
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    const auto last = text.find_last_not_of('=');
    const auto padding = last == std::string_view::npos ? text.size() : text.size() - last - 1;
    if (padding > 2) {
        return std::nullopt;
    }
    std::string bytes;
    std::uint32_t group = 0;
    int bits = 0;
    for (const char letter : text.substr(0, text.size() - padding)) {
        const auto value = alphabet.find(letter);
        if (value == std::string_view::npos) {
            return std::nullopt;
        }
        group = (group << 6U) | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>((group >> static_cast<unsigned>(bits)) & 0xffU);
        }
    }
    return bytes;
}

} // namespace squall::measure
