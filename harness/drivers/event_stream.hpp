// The data of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html, 9.2.6). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace squall::drivers {

class EventStream {
public:
    explicit EventStream(std::string_view text) : rest_(text) {}

    /// The data of the next event that has any, its lines joined; until the next call.
    [[nodiscard]] std::optional<std::string_view> next();

private:
    std::string_view take_line();

    std::string_view rest_;
    std::string data_;
};

} // namespace squall::drivers
