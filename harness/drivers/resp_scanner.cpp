#include "drivers/resp_scanner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace squall::drivers {
namespace {

constexpr std::size_t longest_line = 64U * 1024U;
constexpr std::size_t shown_bytes = 60;
constexpr std::size_t kept_of_error = 200;
constexpr std::string_view line_end = "\r\n";

std::optional<std::int64_t> number(std::string_view text)
{
    std::int64_t value = 0;
    const auto* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, value);
    return error == std::errc{} && end == last && !text.empty() ? std::optional(value) : std::nullopt;
}

/// Bytes of a stranger, for a person.
std::string printable(std::string_view bytes)
{
    std::string shown;
    for (const char letter : bytes.substr(0, shown_bytes)) {
        shown += letter >= ' ' && letter <= '~' ? letter : '?';
    }
    return shown;
}

} // namespace

void RespScanner::expect(std::size_t replies, bool messages)
{
    replies_left_ = replies;
    messages_ = messages;
    values_open_ = 0;
    payload_left_ = 0;
    in_payload_ = false;
    line_.clear();
    first_error_.reset();
}

RespScanner::State RespScanner::feed(std::string_view& bytes)
{
    while (replies_left_ > 0 && !bytes.empty()) {
        const auto state = in_payload_ ? read_payload(bytes) : take_line(bytes);
        if (state != State::more) {
            return state;
        }
    }
    return replies_left_ == 0 ? State::done : State::more;
}

RespScanner::State RespScanner::take_line(std::string_view& bytes)
{
    const auto end = bytes.find('\n');
    const auto size = end == std::string_view::npos ? bytes.size() : end + 1;
    const auto piece = bytes.substr(0, size);
    if (line_.size() + size > longest_line) {
        return wrong(line_.empty() ? piece : std::string_view(line_));
    }
    if (values_open_ == 0 && line_.empty()) {
        reply_bytes_ = 0;
        values_seen_ = 0;
    }
    reply_bytes_ += size;
    bytes.remove_prefix(size);
    if (end == std::string_view::npos || !line_.empty()) {
        line_.append(piece);
        if (end == std::string_view::npos) {
            // Whatever is no reply is noticed at its first byte, not when its line is over, which may be never.
            return std::string_view("+-:$*_#,(!=~%>|").find(line_.front()) == std::string_view::npos ? wrong(line_)
                                                                                                     : State::more;
        }
        const std::string whole = std::move(line_);
        line_.clear();
        return read_line(whole);
    }
    return read_line(piece);
}

RespScanner::State RespScanner::read_line(std::string_view line)
{
    if (line.size() < 3 || !line.ends_with(line_end)) {
        return wrong(line);
    }
    const char type = line.front();
    const auto rest = line.substr(1, line.size() - 3);
    if (values_open_ == 0) {
        values_open_ = 1;
        is_message_ = type == '>';
    }
    if (++values_seen_ > redis_value_limit || reply_bytes_ > redis_reply_limit) {
        return State::too_large;
    }
    switch (type) {
    case '-':
        note_error(rest);
        end_value();
        return State::more;
    case ':':
        if (!number(rest)) {
            return wrong(line);
        }
        end_value();
        return State::more;
    case '+':
    case '_':
    case '#':
    case ',':
    case '(':
        end_value();
        return State::more;
    default:
        break;
    }
    const auto length = number(rest);
    return length ? read_length(type, *length) : wrong(line);
}

RespScanner::State RespScanner::read_length(char type, std::int64_t length)
{
    if (length == -1 && (type == '$' || type == '*')) {
        end_value();
        return State::more;
    }
    if (length < 0) {
        return wrong(fmt::format("{}{}", type, length));
    }
    const auto count = static_cast<std::uint64_t>(length);
    switch (type) {
    case '$':
    case '=':
    case '!':
        if (count > redis_reply_limit - std::min(reply_bytes_, redis_reply_limit)) {
            return State::too_large;
        }
        payload_left_ = count + line_end.size();
        in_payload_ = true;
        error_payload_ = type == '!';
        if (error_payload_) {
            note_error({});
        }
        return State::more;
    case '*':
    case '~':
    case '>':
    case '%':
    case '|': {
        if (count > redis_value_limit) {
            return State::too_large;
        }
        const auto each = type == '%' || type == '|' ? 2U : 1U;
        values_open_ += each * count;
        if (type != '|') { // an attribute comes before its value
            end_value();
        }
        return values_open_ > redis_value_limit ? State::too_large : State::more;
    }
    default:
        return wrong(fmt::format("{}{}", type, length));
    }
}

RespScanner::State RespScanner::read_payload(std::string_view& bytes)
{
    const auto size = std::min(bytes.size(), payload_left_);
    const auto text_left = payload_left_ - std::min(payload_left_, line_end.size());
    if (error_payload_ && first_error_ && text_left > 0) {
        const auto room = kept_of_error - std::min(kept_of_error, first_error_->size());
        first_error_->append(bytes.substr(0, std::min({size, text_left, room})));
    }
    // The two bytes of the end, whichever of them have come.
    for (std::size_t at = text_left; at < size; ++at) {
        if (bytes[at] != line_end[line_end.size() - (payload_left_ - at)]) {
            return wrong(bytes.substr(text_left));
        }
    }
    bytes.remove_prefix(size);
    payload_left_ -= size;
    reply_bytes_ += size;
    if (payload_left_ == 0) {
        in_payload_ = false;
        end_value();
    }
    return State::more;
}

void RespScanner::end_value()
{
    if (--values_open_ == 0 && (!is_message_ || messages_)) {
        --replies_left_;
    }
}

void RespScanner::note_error(std::string_view text)
{
    if (!first_error_) {
        first_error_.emplace(text.substr(0, kept_of_error));
    } else {
        error_payload_ = false;
    }
}

RespScanner::State RespScanner::wrong(std::string_view line)
{
    problem_ = fmt::format("the answer is not Redis's protocol: \"{}\"", printable(line));
    return State::malformed;
}

} // namespace squall::drivers
