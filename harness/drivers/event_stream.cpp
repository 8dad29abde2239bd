#include "drivers/event_stream.hpp"

namespace squall::drivers {

std::optional<std::string_view> EventStream::next()
{
    data_.clear();
    bool any = false;
    while (!rest_.empty()) {
        const auto line = take_line();
        if (line.empty() && any) {
            return data_;
        }
        const auto colon = line.find(':');
        if (line.substr(0, colon) != "data") {
            continue;
        }
        auto value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
        if (value.starts_with(' ')) {
            value.remove_prefix(1);
        }
        data_ += any ? "\n" : "";
        data_ += value;
        any = true;
    }
    return std::nullopt; // an event without the empty line behind it is not whole
}

/// Ends with CR LF, LF or CR.
std::string_view EventStream::take_line()
{
    const auto end = rest_.find_first_of("\r\n");
    const auto line = rest_.substr(0, end);
    if (end == std::string_view::npos) {
        rest_ = {};
        return line;
    }
    rest_.remove_prefix(end + (rest_.substr(end).starts_with("\r\n") ? 2 : 1));
    return line;
}

} // namespace squall::drivers
