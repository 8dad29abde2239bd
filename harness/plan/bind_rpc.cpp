#include "plan/bind_action.hpp"
#include "plan/globals.hpp"
#include "plan/stdio_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace squall::plan {
namespace {

bool is_http(std::string_view url)
{
    return url.starts_with("http://") || url.starts_with("https://");
}

/// A URL has a variable, a colon or a slash in it; the name of a service has none.
bool names_service(const scenario::Template& server)
{
    return server.is_constant() && server.source.find_first_of(":/") == std::string::npos;
}

void check_url(const BoundText& url, const StepPlace& at)
{
    const auto* literal = url.segments.empty() ? nullptr : std::get_if<std::string>(&url.segments.front().content);
    if (literal == nullptr) {
        return;
    }
    if (!is_http(*literal)) {
        at.binder.report(
            at.place, fmt::format("\"{}\" is neither an http or https URL nor the name of a service; write for example "
                                  "${{api}}/mcp",
                                  url.source));
        return;
    }
    check_host(url, at.place, at.allow_hosts, at.binder);
}

} // namespace

RpcAction bind_action(const scenario::RpcStep& rpc, const StepPlace& at)
{
    RpcAction action;
    action.kind = rpc.kind;
    action.killed = rpc.killed;
    action.method = at.binder.bind(rpc.method, at.scope);
    if (rpc.params) {
        action.params = at.binder.bind(*rpc.params, at.scope);
    }
    if (names_service(rpc.server)) {
        action.stdio = bind_start(rpc.server.source, at);
        if (!rpc.headers.empty()) {
            at.binder.report(at.place, "headers belong to a server at a URL; one over stdio has none");
        }
        return action;
    }
    action.url = at.binder.bind(rpc.server, at.scope);
    check_url(action.url, at);
    for (const auto& [name, value] : rpc.headers) {
        action.headers.emplace_back(name, at.binder.bind(value, at.scope));
    }
    if (rpc.killed > 0) {
        at.binder.report(at.place, "only a server over stdio can be killed; expected stop_server without leave");
    }
    return action;
}

} // namespace squall::plan
