#include "drivers/websocket_frames.hpp"

#include "drivers/message_deflate.hpp"
#include "drivers/utf8.hpp"

#include <algorithm>
#include <cstring>

namespace squall::drivers {
namespace {

constexpr unsigned final_bit = 0x80;
constexpr unsigned compressed_bit = 0x40;
constexpr unsigned reserved_bits = 0x30;
constexpr unsigned opcode_bits = 0x0F;
constexpr unsigned mask_bit = 0x80;
constexpr unsigned length_bits = 0x7F;
constexpr unsigned length_in_two = 126;
constexpr unsigned length_in_eight = 127;
constexpr std::uint64_t longest_control = 125;
constexpr std::size_t shortest_header = 2;

bool is_control(Opcode opcode)
{
    return (static_cast<unsigned>(opcode) & 8U) != 0;
}

void append_number(std::uint64_t number, int bytes, std::string& out)
{
    for (int at = bytes - 1; at >= 0; --at) {
        out.push_back(static_cast<char>(number >> (8U * static_cast<unsigned>(at))));
    }
}

/// Section 5.3, eight bytes at a time.
void append_masked(std::string_view payload, std::uint32_t mask, std::string& out)
{
    const std::uint64_t twice = (std::uint64_t{mask} << 32U) | mask;
    const auto start = out.size();
    out.resize(start + payload.size());
    std::size_t at = 0;
    for (; at + sizeof twice <= payload.size(); at += sizeof twice) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, payload.data() + at, sizeof eight);
        eight ^= twice;
        std::memcpy(out.data() + start + at, &eight, sizeof eight);
    }
    std::array<char, sizeof mask> key{};
    std::memcpy(key.data(), &mask, sizeof mask);
    for (; at < payload.size(); ++at) {
        out[start + at] = static_cast<char>(payload[at] ^ key[at % key.size()]);
    }
}

/// The header's size, as far as its first two bytes tell.
std::size_t header_bytes(unsigned second)
{
    switch (second & length_bits) {
    case length_in_two:
        return shortest_header + 2;
    case length_in_eight:
        return shortest_header + 8;
    default:
        return shortest_header;
    }
}

bool may_be_sent(std::uint16_t code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

} // namespace

void append_frame(Opcode opcode, std::string_view payload, std::uint32_t mask, bool compressed, std::string& out)
{
    out.push_back(static_cast<char>(final_bit | (compressed ? compressed_bit : 0U) | static_cast<unsigned>(opcode)));
    if (payload.size() <= longest_control) {
        out.push_back(static_cast<char>(mask_bit | payload.size()));
    } else if (payload.size() <= UINT16_MAX) {
        out.push_back(static_cast<char>(mask_bit | length_in_two));
        append_number(payload.size(), 2, out);
    } else {
        out.push_back(static_cast<char>(mask_bit | length_in_eight));
        append_number(payload.size(), 8, out);
    }
    std::array<char, sizeof mask> key{};
    std::memcpy(key.data(), &mask, sizeof mask);
    out.append(key.data(), key.size());
    append_masked(payload, mask, out);
}

void append_close(std::uint16_t code, std::uint32_t mask, std::string& out)
{
    const std::array<char, 2> payload{static_cast<char>(code >> 8U), static_cast<char>(code & 0xFFU)};
    append_frame(Opcode::close, {payload.data(), payload.size()}, mask, false, out);
}

MessageReader::Event MessageReader::next(std::string_view& bytes)
{
    if (delivered_) {
        (is_control(opcode_) ? control_ : message_).reset();
        delivered_ = false;
    }
    payload_ = {};
    for (;;) {
        if (!in_payload_ && !take_header(bytes)) {
            return fault_ == Fault::none ? Event::more : Event::failed;
        }
        if (!take_payload(bytes)) {
            return Event::more;
        }
        in_payload_ = false;
        if (is_control(opcode_)) {
            return end_of_control();
        }
        if (final_) {
            return end_of_message();
        }
    }
}

bool MessageReader::take_header(std::string_view& bytes)
{
    for (;;) {
        const auto wanted = header_size_ < shortest_header ? shortest_header : header_bytes(header_[1]);
        if (header_size_ == wanted) {
            header_size_ = 0;
            return judge_header();
        }
        const auto count = std::min<std::size_t>(wanted - header_size_, bytes.size());
        if (count == 0) {
            return false;
        }
        std::memcpy(header_.data() + header_size_, bytes.data(), count);
        bytes.remove_prefix(count);
        header_size_ = static_cast<std::uint8_t>(header_size_ + count);
    }
}

bool MessageReader::judge_header()
{
    const unsigned first = header_[0];
    const unsigned second = header_[1];
    opcode_ = static_cast<Opcode>(first & opcode_bits);
    final_ = (first & final_bit) != 0;
    const bool compressed = (first & compressed_bit) != 0;
    const auto size = header_bytes(second);
    left_ = second & length_bits;
    if (size > shortest_header) {
        left_ = 0;
        for (std::size_t at = shortest_header; at < size; ++at) {
            left_ = (left_ << 8U) | header_[at];
        }
        const auto least = size == shortest_header + 2 ? longest_control + 1 : std::uint64_t{UINT16_MAX} + 1;
        if (left_ < least || left_ > INT64_MAX) {
            return fail(Fault::protocol, "a frame's length is not written as RFC 6455 section 5.2 wants it");
        }
    }
    if ((second & mask_bit) != 0) {
        return fail(Fault::protocol, "a frame of the server's is masked");
    }
    if ((first & reserved_bits) != 0 || (compressed && rules_.deflate == nullptr)) {
        return fail(Fault::protocol, "a frame has a reserved bit set");
    }
    in_payload_ = true;
    if (!is_control(opcode_)) {
        return judge_data_frame(compressed);
    }
    if (opcode_ > Opcode::pong) {
        return fail(Fault::protocol, "a frame has an unknown opcode");
    }
    if (!final_ || left_ > longest_control || compressed) {
        return fail(Fault::protocol, "a control frame is fragmented, compressed or longer than 125 bytes");
    }
    return true;
}

bool MessageReader::judge_data_frame(bool compressed)
{
    if (opcode_ > Opcode::binary) {
        return fail(Fault::protocol, "a frame has an unknown opcode");
    }
    const bool begun = kind_ != Opcode::continuation;
    if (opcode_ == Opcode::continuation) {
        if (!begun) {
            return fail(Fault::protocol, "a message begins with a continuation frame");
        }
        if (compressed) {
            return fail(Fault::protocol, "a frame has a reserved bit set");
        }
    } else {
        if (begun) {
            return fail(Fault::protocol, "a message begins inside another");
        }
        kind_ = opcode_;
        compressed_ = compressed;
    }
    const auto before = message_ ? message_->size() : 0;
    if (left_ > rules_.message_limit || before > rules_.message_limit - left_) {
        return fail(Fault::too_large, "a message is larger than the limit");
    }
    return true;
}

bool MessageReader::take_payload(std::string_view& bytes)
{
    const auto here = bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
    bytes.remove_prefix(here.size());
    left_ -= here.size();
    auto& kept = is_control(opcode_) ? control_ : message_;
    const bool last_piece = left_ == 0 && (final_ || is_control(opcode_));
    if (last_piece && !kept) {
        payload_ = here;
        return true;
    }
    if (!kept) {
        kept = std::make_unique<std::string>();
    }
    kept->append(here);
    payload_ = *kept;
    return left_ == 0;
}

MessageReader::Event MessageReader::end_of_control()
{
    delivered_ = control_ != nullptr;
    if (opcode_ == Opcode::ping) {
        return Event::ping;
    }
    if (opcode_ == Opcode::pong) {
        return Event::pong;
    }
    close_code_ = close_no_status;
    if (payload_.empty()) {
        return Event::close;
    }
    if (payload_.size() > 1) {
        const auto high = static_cast<unsigned char>(payload_[0]);
        const auto low = static_cast<unsigned char>(payload_[1]);
        close_code_ = static_cast<std::uint16_t>((unsigned{high} << 8U) | low);
    }
    if (payload_.size() == 1 || !may_be_sent(close_code_)) {
        fail(Fault::protocol, "a close frame has no valid code");
        return Event::failed;
    }
    payload_.remove_prefix(2);
    if (!is_utf8(payload_)) {
        fail(Fault::bad_payload, "a close frame's reason is not UTF-8");
        return Event::failed;
    }
    return Event::close;
}

MessageReader::Event MessageReader::end_of_message()
{
    const bool is_text = kind_ == Opcode::text;
    kind_ = Opcode::continuation;
    delivered_ = message_ != nullptr;
    if (compressed_ && decompress() == Event::failed) {
        return Event::failed;
    }
    if (is_text && !is_utf8(payload_)) {
        fail(Fault::bad_payload, "a text message is not UTF-8");
        return Event::failed;
    }
    return is_text ? Event::text : Event::binary;
}

MessageReader::Event MessageReader::decompress()
{
    std::string decoded;
    switch (rules_.deflate->decompress(payload_, rules_.message_limit, decoded)) {
    case InflateOutcome::done:
        break;
    case InflateOutcome::corrupt:
        fail(Fault::bad_payload, "a compressed message is not what permessage-deflate makes");
        return Event::failed;
    case InflateOutcome::too_large:
        fail(Fault::too_large, "a message is larger than the limit when decompressed");
        return Event::failed;
    }
    message_ = std::make_unique<std::string>(std::move(decoded));
    payload_ = *message_;
    delivered_ = true;
    return Event::more;
}

std::uint16_t MessageReader::fault_code() const
{
    switch (fault_) {
    case Fault::too_large:
        return close_too_big;
    case Fault::bad_payload:
        return close_bad_payload;
    default:
        return close_protocol_error;
    }
}

bool MessageReader::fail(Fault fault, const char* text)
{
    fault_ = fault;
    fault_text_ = text;
    message_.reset();
    control_.reset();
    payload_ = {};
    return false;
}

} // namespace squall::drivers
