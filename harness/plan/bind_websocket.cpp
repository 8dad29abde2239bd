#include "plan/bind_action.hpp"
#include "plan/globals.hpp"

#include <fmt/format.h>

#include <string_view>

namespace squall::plan {
namespace {

constexpr std::string_view id_name = "ws.id";

bool is_websocket(std::string_view url)
{
    return url.starts_with("ws://") || url.starts_with("wss://");
}

void check_url(const BoundText& url, const StepPlace& at)
{
    const auto* literal = url.segments.empty() ? nullptr : std::get_if<std::string>(&url.segments.front().content);
    if (literal == nullptr ? url.constant.has_value()
                           : !is_websocket(*literal) && literal->find(':') != literal->npos) {
        at.binder.report(at.place,
                         fmt::format("\"{}\" is not a ws or wss URL; write for example ${{ws}}/path", url.source));
    } else if (literal != nullptr && !is_websocket(*literal)) {
        at.binder.report(at.place, fmt::format("\"{}\" names no host; write for example ${{ws}}/path", url.source));
    } else if (literal != nullptr) {
        check_host(url, at.place, at.allow_hosts, at.binder);
    }
}

bool uses(const BoundText& text, Slot slot)
{
    for (const auto& segment : text.segments) {
        const auto* used = std::get_if<Slot>(&segment.content);
        if (used != nullptr && *used == slot) {
            return true;
        }
    }
    return false;
}

std::uint32_t add_part(WebSocketAction& action, std::string name)
{
    action.parts.push_back(std::move(name));
    return static_cast<std::uint32_t>(action.parts.size() - 1);
}

void bind_say(const scenario::WebSocketStep::Say& say, const StepPlace& at, WebSocketAction& action)
{
    auto scope = at.scope;
    scope.available.emplace(id_name);
    auto& bound = action.say.emplace(WebSocketAction::Say{});
    bound.every = say.every;
    bound.binary = say.binary;
    bound.id_slot = at.binder.slot(std::string(id_name));
    bound.payload = at.binder.bind(say.payload, scope);
    if (say.echo) {
        bound.echo_part = add_part(action, "echo");
        if (!uses(bound.payload, bound.id_slot)) {
            at.binder.report(say.place, "echo = true knows an answer by the message's ${ws.id}, which is not in it; "
                                        "expected for example { text = \"ping ${ws.id}\", echo = true }");
        }
    }
}

} // namespace

WebSocketAction bind_action(const scenario::WebSocketStep& socket, const StepPlace& at)
{
    WebSocketAction action;
    action.url = at.binder.bind(socket.url, at.scope);
    check_url(action.url, at);
    for (const auto& [name, value] : socket.headers) {
        action.headers.emplace_back(name, at.binder.bind(value, at.scope));
    }
    action.subprotocols = socket.subprotocols;
    action.deflate = socket.deflate;
    action.hold = socket.hold;
    if (socket.say) {
        bind_say(*socket.say, at, action);
    }
    action.ping_every = socket.ping_every;
    if (socket.ping_every) {
        action.ping_part = add_part(action, "ping");
    }
    action.close_part = add_part(action, "close");
    action.reads = socket.reads;
    if (socket.first_message) {
        action.first_message = at.binder.compile(*socket.first_message, at.place, "expect.message");
    }
    action.messages = static_cast<std::uint64_t>(socket.messages);
    action.leave = socket.leave;
    action.reconnect = socket.reconnect;
    return action;
}

} // namespace squall::plan
