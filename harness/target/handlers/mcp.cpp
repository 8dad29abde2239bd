#include "target/mcp.hpp"

#include "target/handlers/handlers.hpp"
#include "target/service.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace squall::target {
namespace {

constexpr const char* session_header = "Mcp-Session-Id";

std::string session_of(const Request& request)
{
    return std::string(request[session_header]);
}

Response unavailable(const Error& error)
{
    fmt::print(stderr, "squall-target: {}\n", error.message);
    return error_response(http::status::service_unavailable, "notes");
}

Response answer(McpAnswer said, std::string session)
{
    Response response;
    response.status = said.message ? http::status::ok : http::status::accepted;
    response.body = std::move(said.message).value_or("");
    response.session = std::move(session);
    return response;
}

/// "initialize" is the one message that needs no session: it is given one.
bool is_first(const Request& request)
{
    return request[session_header].empty();
}

} // namespace

Task<Response> handle_mcp(Service& service, const Request& request)
{
    auto& sessions = service.mcp;
    if (!sessions.available()) {
        co_return error_response(http::status::service_unavailable, "no_notes");
    }
    std::string session = session_of(request);
    if (is_first(request)) {
        auto begun = sessions.begin();
        if (!begun) {
            co_return unavailable(begun.error());
        }
        session = *begun;
    }
    const auto notes = sessions.notes_of(session);
    if (!notes) {
        co_return error_response(http::status::not_found, "no_session");
    }
    auto said = answer_mcp(request.body(), *notes);
    if (is_first(request) && !said.initialized) {
        sessions.end(session);
        co_return error_response(http::status::bad_request, "not_initialized");
    }
    co_return answer(std::move(said), is_first(request) ? session : std::string());
}

Task<Response> handle_mcp_end(Service& service, const Request& request)
{
    const auto session = session_of(request);
    if (!service.mcp.notes_of(session)) {
        co_return error_response(http::status::not_found, "no_session");
    }
    service.mcp.end(session);
    co_return json_response(http::status::ok, {});
}

} // namespace squall::target
