#include "drivers/answer_scanner.hpp"

#include "drivers/header_list.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace squall::drivers {
namespace {

/// RFC 9110 section 5.6.2.
constexpr auto token_letters = [] {
    std::array<bool, 256> table{};
    for (const char letter : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
        table[static_cast<unsigned char>(letter)] = true;
    }
    return table;
}();

std::uint64_t eight_letters(const char* at)
{
    std::uint64_t eight = 0;
    std::memcpy(&eight, at, sizeof eight);
    return eight;
}

/// Whether `name`, all token letters, is `wanted` in lower case. Setting the bit that tells lower case from upper makes
/// no two different token letters equal but those of one name.
template <std::size_t Size>
bool is_name(std::string_view name, const char (&wanted)[Size])
{
    constexpr std::size_t length = Size - 1;
    static_assert(length >= 8 && length <= 24);
    constexpr std::uint64_t lower = 0x2020202020202020U;
    bool same = true;
    for (const std::size_t at : {std::size_t{0}, std::min(length - 8, std::size_t{8}), length - 8}) {
        same = same && (eight_letters(name.data() + at) | lower) == eight_letters(wanted + at);
    }
    return same;
}

/// Where the first control character stands, eight bytes at a time; the end when there is none.
const char* find_control(const char* at, const char* end)
{
    constexpr std::uint64_t ones = 0x0101010101010101U;
    constexpr std::uint64_t high_bits = ones * 0x80U;
    for (; end - at >= 8; at += 8) {
        const auto eight = eight_letters(at);
        const auto is_delete = eight ^ (ones * 0x7fU);
        const auto found = (((eight - ones * 0x20U) & ~eight) | ((is_delete - ones) & ~is_delete)) & high_bits;
        if (found != 0) {
            // Only the lowest of the marks is certain, which is the first on a little-endian machine.
            static_assert(std::endian::native == std::endian::little);
            return at + std::countr_zero(found) / 8;
        }
    }
    while (at != end && static_cast<unsigned char>(*at) >= 0x20 && *at != 0x7f) {
        ++at;
    }
    return at;
}

/// Goes through the lines of a header once.
class HeaderScan {
public:
    HeaderScan(std::string_view bytes, ScanWants wants)
        : at_(bytes.data()),
          end_(bytes.data() + bytes.size()),
          wants_(wants)
    {}

    std::optional<ScannedAnswer> run()
    {
        if (!status_line()) {
            return std::nullopt;
        }
        while (at_ != end_ && *at_ != '\r') {
            if (!field()) {
                return std::nullopt;
            }
        }
        if (!line_end() || !body()) {
            return std::nullopt;
        }
        return answer_;
    }

private:
    bool line_end()
    {
        if (end_ - at_ < 2 || at_[0] != '\r' || at_[1] != '\n') {
            return false;
        }
        at_ += 2;
        return true;
    }

    bool status_line()
    {
        constexpr std::string_view version = "HTTP/1.1 ";
        constexpr std::ptrdiff_t shortest = 13; // with the status and the blank behind it
        if (end_ - at_ < shortest || std::memcmp(at_, version.data(), version.size()) != 0 || at_[12] != ' ') {
            return false;
        }
        for (const int place : {9, 10, 11}) {
            if (at_[place] < '0' || at_[place] > '9') {
                return false;
            }
            answer_.status = answer_.status * 10 + (at_[place] - '0');
        }
        at_ = find_control(at_ + shortest, end_);
        const bool moves = wants_.redirects && answer_.status >= 300 && answer_.status < 400;
        return answer_.status >= 200 && answer_.status < 600 && !moves && line_end();
    }

    bool field()
    {
        const char* at = at_;
        while (at != end_ && token_letters[static_cast<unsigned char>(*at)]) {
            ++at;
        }
        const std::string_view name(at_, static_cast<std::size_t>(at - at_));
        if (name.empty() || at == end_ || *at != ':') {
            return false;
        }
        ++at;
        while (at != end_ && *at == ' ') {
            ++at;
        }
        at_ = find_control(at, end_);
        const std::string_view value(at, static_cast<std::size_t>(at_ - at));
        return line_end() && matters_not(name, value);
    }

    /// Takes in the fields that the framing hangs on; false for one that is the parser's.
    bool matters_not(std::string_view name, std::string_view value)
    {
        switch (name.size()) {
        case 10:
            return is_name(name, "connection") ? connection(value) : !(wants_.cookies && is_name(name, "set-cookie"));
        case 14:
            return !is_name(name, "content-length") || content_length(value);
        case 16:
            return !(wants_.body && is_name(name, "content-encoding")) && !is_name(name, "proxy-connection");
        case 17:
            return !is_name(name, "transfer-encoding");
        default:
            return true;
        }
    }

    bool connection(std::string_view value)
    {
        if (same_name(value, "close")) {
            answer_.keep_alive = false;
            return true;
        }
        return same_name(value, "keep-alive");
    }

    bool content_length(std::string_view value)
    {
        std::uint64_t length = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
        if (length_ || error != std::errc{} || end != value.data() + value.size()) {
            return false;
        }
        length_ = length;
        return true;
    }

    bool body()
    {
        const auto left = static_cast<std::uint64_t>(end_ - at_);
        if (answer_.status == 204 || answer_.status == 304) {
            return left == 0;
        }
        if (length_ != left) {
            return false;
        }
        answer_.body = {at_, static_cast<std::size_t>(left)};
        return true;
    }

    const char* at_;
    const char* end_;
    ScanWants wants_;
    ScannedAnswer answer_;
    std::optional<std::uint64_t> length_;
};

} // namespace

std::optional<ScannedAnswer> scan_answer(std::string_view bytes, ScanWants wants)
{
    return HeaderScan(bytes, wants).run();
}

std::optional<ScannedAnswer> AnswerScanner::scan(std::string_view bytes, ScanWants wants)
{
    if (!head_.empty() && bytes.size() == head_.size() + body_bytes_ && wants == wants_ && bytes.starts_with(head_)) {
        answer_.body = bytes.substr(head_.size());
        return answer_;
    }
    const auto scanned = scan_answer(bytes, wants);
    if (scanned) {
        answer_ = *scanned;
        wants_ = wants;
        body_bytes_ = scanned->body.size();
        head_.assign(bytes.substr(0, bytes.size() - body_bytes_));
    }
    return scanned;
}

} // namespace squall::drivers
