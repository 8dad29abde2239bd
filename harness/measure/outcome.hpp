// How a request ended.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace squall::measure {

/// The kinds of error, each counted apart. `cancelled`: given up by us at the end of a phase.
enum class ErrorKind : std::uint8_t {
    none,
    connection_refused,
    connect_timeout,
    dns,
    tls,
    timeout,
    connection_reset,
    connection_closed,
    malformed_response,
    response_too_large,
    status,
    header,
    body,
    json,
    save,
    local_limit,        // file descriptors or ports of ours ran out
    upgrade_refused,    // a WebSocket's handshake was answered by another status than 101
    websocket_protocol, // the server broke the rules of RFC 6455
    authentication,     // the server does not let this user in
    query,              // the server says that a statement is wrong
    redis_error,        // an error reply of Redis
    rpc_error,          // an error reply of JSON-RPC
    rpc_protocol,       // the server broke the rules of JSON-RPC 2.0, or wrote something else between its messages
    start_failed,       // a server could not be started
    server_exited,      // a server ended that nobody had asked to, or not as it should
    cancelled,
    internal,
};

inline constexpr std::size_t error_kind_count = 27;

/// An answer came, and was not what the step expects.
[[nodiscard]] constexpr bool is_unexpected_answer(ErrorKind kind)
{
    return kind >= ErrorKind::status && kind <= ErrorKind::save;
}

/// The server understood, and said no.
[[nodiscard]] constexpr bool is_refusal(ErrorKind kind)
{
    return kind == ErrorKind::authentication || kind == ErrorKind::query || kind == ErrorKind::redis_error ||
           kind == ErrorKind::rpc_error;
}

[[nodiscard]] std::string_view to_string(ErrorKind kind);
[[nodiscard]] std::optional<ErrorKind> parse_error_kind(std::string_view text);

} // namespace squall::measure
