// Lines out of bytes that come in pieces, with a bound on what is kept. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace squall::drivers {

class LineReader {
public:
    /// No line may have more bytes than `limit`.
    explicit LineReader(std::size_t limit) : limit_(limit) {}

    /// The next whole line without its end, taken off `bytes`; nothing when more is needed, and then `bytes` is used up
    /// and kept, or after a line that is too long. A line lies in `bytes`, or in memory that lives to the next call.
    [[nodiscard]] std::optional<std::string_view> next(std::string_view& bytes);

    /// A line was longer than the limit: nothing comes any more.
    [[nodiscard]] bool is_too_long() const { return too_long_; }
    /// Bytes of a line that has not ended.
    [[nodiscard]] std::size_t kept() const { return taken_ ? 0 : kept_.size(); }

private:
    std::size_t limit_;
    std::string kept_;
    bool taken_ = false; // kept_ was given away as a line
    bool too_long_ = false;
};

} // namespace squall::drivers
