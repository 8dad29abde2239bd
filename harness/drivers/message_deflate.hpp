// permessage-deflate (RFC 7692) without context takeover: each message is compressed for itself, so that one pair of
// these serves all connections of a thread.
#pragma once

#include "drivers/inflate.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace squall::drivers {

/// Takes its memory (some 300 KiB) at the first message. Not thread-safe: one a thread.
class MessageDeflate {
public:
    MessageDeflate();
    ~MessageDeflate();
    MessageDeflate(const MessageDeflate&) = delete;
    MessageDeflate& operator=(const MessageDeflate&) = delete;

    /// Appends the payload of a compressed message (section 7.2.1). False when there is no memory for it.
    [[nodiscard]] bool compress(std::string_view text, std::string& out);

    /// Appends the text of a compressed message (section 7.2.2), at most `limit` bytes.
    [[nodiscard]] InflateOutcome decompress(std::string_view payload, std::uint64_t limit, std::string& out);

private:
    struct Streams;
    std::unique_ptr<Streams> streams_;
};

} // namespace squall::drivers
