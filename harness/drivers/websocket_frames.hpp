// The frames of a WebSocket (RFC 6455 section 5), as a client writes and reads them. Pure: bytes in, bytes out.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace squall::drivers {

class MessageDeflate;

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// Appends one frame, masked with `mask` as all of a client's are. `compressed`: the payload is that of a
/// permessage-deflate message.
void append_frame(Opcode opcode, std::string_view payload, std::uint32_t mask, bool compressed, std::string& out);

/// Close codes (section 7.4 and IANA's registry).
constexpr std::uint16_t close_normal = 1000;
constexpr std::uint16_t close_protocol_error = 1002;
constexpr std::uint16_t close_no_status = 1005; // stands for a close frame without a code; never sent
constexpr std::uint16_t close_bad_payload = 1007;
constexpr std::uint16_t close_too_big = 1009;

void append_close(std::uint16_t code, std::uint32_t mask, std::string& out);

/// Puts a server's messages together as their bytes come. A message that comes in one frame and one piece is given
/// where it lies; otherwise memory grows with what has really come, never with what a header claims, and at most to the
/// limit. Between messages it holds no memory.
class MessageReader {
public:
    struct Rules {
        std::uint64_t message_limit = 0;   // also after decompression
        MessageDeflate* deflate = nullptr; // null: permessage-deflate was not agreed upon
    };
    enum class Event { more, text, binary, ping, pong, close, failed };
    enum class Fault { none, protocol, bad_payload, too_large };

    explicit MessageReader(Rules rules) : rules_(rules) {}

    /// The next event in `bytes`, from which it takes what it has read; `more` when it has taken all. After `failed`
    /// it must not be called again.
    [[nodiscard]] Event next(std::string_view& bytes);

    /// Of the last event, until the next call: the message; a ping's or pong's payload; a close frame's reason.
    [[nodiscard]] std::string_view payload() const { return payload_; }
    /// Of the last close event: close_no_status where the frame has none.
    [[nodiscard]] std::uint16_t close_code() const { return close_code_; }
    /// After `failed`: what the server did wrong, for a person; and the code to close with.
    [[nodiscard]] std::string_view fault_text() const { return fault_text_; }
    [[nodiscard]] Fault fault() const { return fault_; }
    [[nodiscard]] std::uint16_t fault_code() const;

private:
    /// True when a whole header has been read and is right.
    bool take_header(std::string_view& bytes);
    bool judge_header();
    bool judge_data_frame(bool compressed);
    /// True when the frame's payload has all come: then in payload_.
    bool take_payload(std::string_view& bytes);
    Event end_of_control();
    Event end_of_message();
    Event decompress();
    bool fail(Fault fault, const char* text);

    Rules rules_;
    std::string_view payload_;
    const char* fault_text_ = "";
    std::unique_ptr<std::string> message_; // earlier frames of a message and what has come of the current one
    std::unique_ptr<std::string> control_; // what has come of a control frame
    std::uint64_t left_ = 0;
    std::array<unsigned char, 10> header_{};
    std::uint8_t header_size_ = 0;
    std::uint16_t close_code_ = 0;
    Opcode opcode_ = Opcode::continuation; // of the current frame
    Opcode kind_ = Opcode::continuation;   // of the current message; continuation: there is none
    Fault fault_ = Fault::none;
    bool in_payload_ = false;
    bool final_ = false;
    bool compressed_ = false;
    bool delivered_ = false; // the last event's payload lies in message_ or control_
};

} // namespace squall::drivers
