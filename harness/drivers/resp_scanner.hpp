// Finds where replies of Redis end, in whatever pieces they come: RESP2 and RESP3.
// https://redis.io/docs/latest/develop/reference/protocol-spec/
//
// Of our own and not hiredis's reader, which before 1.0 (Debian's is 0.14) knows no RESP3, and which gathers a bulk
// string of any size before it gives a word. A test holds the two against each other over RESP2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace squall::drivers {

/// The most bytes of one reply, and the most values in it: a reply beyond is too large, whoever looks at it.
inline constexpr std::size_t redis_reply_limit = std::size_t{64} * 1024 * 1024;
inline constexpr std::size_t redis_value_limit = std::size_t{1024} * 1024;

/// Pure; keeps no bytes but those of a line that came in two pieces, and the text of an error.
class RespScanner {
public:
    enum class State { more, done, malformed, too_large };

    /// Waits for so many replies. `messages` are counted as replies (SUBSCRIBE); otherwise pushes of RESP3 are passed
    /// over.
    void expect(std::size_t replies, bool messages);
    /// Takes off `bytes` what belongs to the replies. After `malformed` or `too_large` the connection is of no use.
    State feed(std::string_view& bytes);
    /// The text of the first error among the replies, at whatever depth, without its "-"; at most 200 bytes of it.
    [[nodiscard]] const std::optional<std::string>& first_error() const { return first_error_; }
    /// What was wrong, after `malformed`.
    [[nodiscard]] const std::string& problem() const { return problem_; }

private:
    State read_line(std::string_view line);
    State read_length(char type, std::int64_t length);
    State read_payload(std::string_view& bytes);
    State take_line(std::string_view& bytes);
    void end_value();
    State wrong(std::string_view line);
    void note_error(std::string_view text);

    std::size_t replies_left_ = 0;
    std::uint64_t values_open_ = 0; // of the reply under way; 0 between replies
    std::size_t values_seen_ = 0;
    std::size_t reply_bytes_ = 0;
    std::size_t payload_left_ = 0; // of a bulk string, with its line's end
    bool in_payload_ = false;
    bool error_payload_ = false;
    bool messages_ = false;
    bool is_message_ = false; // the reply under way
    std::string line_;        // the first piece of a line
    std::optional<std::string> first_error_;
    std::string problem_;
};

} // namespace squall::drivers
