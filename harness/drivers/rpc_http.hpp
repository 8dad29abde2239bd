// A server of JSON-RPC at a URL: each message is posted, as MCP's streamable HTTP has it
// (https://modelcontextprotocol.io, "Transports").
#pragma once

#include "drivers/http_client.hpp"
#include "drivers/rpc_exchange.hpp"
#include "drivers/rpc_message.hpp"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace squall::drivers {

/// One client of one server: its connection, and the session that the server has given it (Mcp-Session-Id), which goes
/// with every later request, as does the protocol's version that was agreed upon. An answer is JSON or an event stream,
/// of which the message with the call's id is taken; what the server asks meanwhile is not answered. On its context's
/// thread.
///
/// Errors: those of HttpClient; `status` for another status than 2xx without a message of JSON-RPC; `rpc_protocol` for
/// a body that holds no answer; `rpc_error` for an error reply; `response_too_large` above 16 MiB.
class RpcHttp {
public:
    using Headers = std::span<const std::pair<std::string_view, std::string_view>>;

    RpcHttp(HttpContext& context, bool cookies) : client_(context, cookies) {}

    wire::Flow<> call(const wire::Url& url, Headers headers, const RpcRequest& request, RpcTimes times,
                      RpcExchange& exchange);
    /// Ends the session by DELETE; nothing is sent where there is none.
    wire::Flow<> stop(const wire::Url& url, Headers headers, RpcTimes times, RpcExchange& exchange);

    /// Closes the connection and forgets the session; a call under way ends as `cancelled`.
    void close();
    void forget_answer();

private:
    wire::Flow<> perform(std::string_view method, const wire::Url& url, Headers headers, RpcTimes times,
                         HttpExchange& http);
    void take_answer(const HttpExchange& http, bool wanted, RpcExchange& exchange);
    [[nodiscard]] Failure hear(std::string_view body, bool events);
    void remember_session(const HttpExchange& http, bool initializes);

    HttpClient client_;
    RpcConversation conversation_;
    std::string body_;
    std::string session_;
    std::string version_; // of the protocol; empty: not agreed upon
    std::vector<std::pair<std::string_view, std::string_view>> headers_;
};

} // namespace squall::drivers
