// The opening handshake of a WebSocket (RFC 6455 section 4): the request, and whether the answer agrees. Pure.
#pragma once

#include "base/random.hpp"
#include "drivers/failure.hpp"
#include "drivers/header_list.hpp"
#include "wire/url.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace squall::drivers {

/// Borrowed values: all must stay as they are until the handshake is over.
struct WebSocketRequest {
    const wire::Url* url = nullptr;
    /// Sent as given; host, user-agent and the handshake's own are added. None may hold a line break.
    std::span<const std::pair<std::string_view, std::string_view>> headers;
    std::span<const std::string> subprotocols; // in order of preference
    bool deflate = false;                      // offer permessage-deflate without context takeover
};

/// Sec-WebSocket-Key: 16 random bytes as Base64.
using WebSocketKey = std::array<char, 24>;
[[nodiscard]] WebSocketKey make_websocket_key(Random& random);
/// The Sec-WebSocket-Accept that answers it (section 4.2.2).
[[nodiscard]] std::array<char, 28> accept_of(const WebSocketKey& key);

/// The first header that a handshake has of its own, or that cannot be sent (a line break in it), with why.
[[nodiscard]] std::optional<std::string> wrong_header(const WebSocketRequest& request);

/// Replaces `out` by the request's bytes.
void write_upgrade(const WebSocketRequest& request, const WebSocketKey& key, std::string& out);

/// What server and client have agreed upon.
struct Agreement {
    Failure failure; // upgrade_refused: no status 101; websocket_protocol: a 101 that breaks the rules
    std::string subprotocol;
    bool deflate = false;
};
[[nodiscard]] Agreement check_upgrade(const WebSocketRequest& request, const WebSocketKey& key, int status,
                                      const HeaderList& headers);

} // namespace squall::drivers
