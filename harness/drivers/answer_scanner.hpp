// The short way through an answer that has come whole and plain: nothing is copied, nothing kept.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace squall::drivers {

/// What the request makes of its answer; an answer in which any of that matters is left to the parser.
struct ScanWants {
    bool body = false;
    bool cookies = false;
    bool redirects = false;

    bool operator==(const ScanWants&) const = default;
};

struct ScannedAnswer {
    int status = 0;
    std::string_view body; // into the bytes that were scanned
    bool keep_alive = true;
};

/// The answer that `bytes` are, neither more nor less: HTTP/1.1, final, framed by its content-length (or without a body
/// by its status), nothing unusual in its header. Nothing for any other: AnswerParser (answer_parser.hpp) then decides
/// from the first byte on, so that this function never has to say what is wrong. Not for answers to HEAD.
[[nodiscard]] std::optional<ScannedAnswer> scan_answer(std::string_view bytes, ScanWants wants);

/// scan_answer() for answers of which most begin as the one before: a server changes its header once a second, if at
/// all. Gives what scan_answer() would give.
class AnswerScanner {
public:
    [[nodiscard]] std::optional<ScannedAnswer> scan(std::string_view bytes, ScanWants wants);

private:
    std::string head_; // of the last answer, up to its body; empty: none
    ScanWants wants_;
    ScannedAnswer answer_;
    std::size_t body_bytes_ = 0;
};

} // namespace squall::drivers
