// URLs as the harness needs them, parsed by Boost.URL.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace squall::wire {

struct Url {
    std::string scheme;     // lower case
    std::string host;       // without brackets
    std::uint16_t port = 0; // the scheme's default where none is written
    std::string target;     // path and query, at least "/"
    [[nodiscard]] bool secure() const { return scheme == "https" || scheme == "wss"; }
    /// host:port as the Host header wants it (without a default port, with brackets for IPv6).
    [[nodiscard]] std::string authority() const;
};

/// http, https, ws, wss. Anything else, no host, or a bad port is an error that shows the text.
[[nodiscard]] Result<Url> parse_url(std::string_view text);

} // namespace squall::wire
