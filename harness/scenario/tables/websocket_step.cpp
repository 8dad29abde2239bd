// A step over a WebSocket: ws = "${ws}/rooms/1".
#include "base/text.hpp"
#include "scenario/bodies.hpp"
#include "scenario/shapes/collections.hpp"
#include "scenario/tables/tables.hpp"

#include <algorithm>
#include <cmath>

namespace squall::scenario {
namespace {

using Say = WebSocketStep::Say;
using Leave = WebSocketStep::Leave;
using Reconnect = WebSocketStep::Reconnect;

constexpr int most_messages = 1'000'000;
constexpr int most_attempts = 1000;
constexpr double share_tolerance = 1e-6;

WebSocketStep& socket_of(Step& step)
{
    return std::get<WebSocketStep>(step.action);
}

/// What is not named is 0: { vanish = 1 } is enough.
struct Shares {
    double normal = 0;
    double abrupt = 0;
    double vanish = 0;
};

ShapePtr<Leave> leave_shape()
{
    Fields<Shares> fields;
    fields.optional("normal", "Share that leaves with the closing handshake.", &Shares::normal, share());
    fields.optional("abrupt", "Share that leaves with RST, as a process that dies.", &Shares::abrupt, share());
    fields.optional("vanish", "Share that stops reading and answering but never closes, as a phone without network.",
                    &Shares::vanish, share());
    ShapePtr<Shares> shares = table<Shares>("a table such as { normal = 0.7, abrupt = 0.2, vanish = 0.1 }", fields);
    return converted<Leave>(shares, [](const Cursor& cursor, Shares read) -> std::optional<Leave> {
        const double sum = read.normal + read.abrupt + read.vanish;
        if (std::abs(sum - 1) > share_tolerance) {
            cursor.report(fmt::format("the shares of normal, abrupt and vanish add up to {}; expected 1", sum));
            return std::nullopt;
        }
        return Leave{read.normal, read.abrupt, read.vanish};
    });
}

ShapePtr<Say> say_shape()
{
    Fields<Say> common;
    common.optional("every", "Again and again at this distance, the first at once; without it once.", &Say::every,
                    positive_duration());
    common.optional("echo", "The server answers each with a message that holds its ${ws.id}: measured as NAME/echo.",
                    &Say::echo, boolean());
    Fields<Say> text;
    text.required("text", "A text message.", &Say::payload, template_text());
    Fields<Say> json;
    json.required("json", "A text message that is this as JSON.", &Say::payload, json_body());
    Fields<Say> binary([](Say& say) { say.binary = true; });
    binary.required("binary", "A binary message of this text's bytes.", &Say::payload, template_text());
    auto shape = table<Say>("a table such as { every = \"500ms\", text = \"ping\" }", common);
    shape->choose_one("message", {text, json, binary});
    return shape;
}

struct Ping {
    Duration every{};
};

ShapePtr<Duration> ping_shape()
{
    Fields<Ping> fields;
    fields.required("every", "The distance of the pings.", &Ping::every, positive_duration());
    return converted<Duration>(ShapePtr<Ping>(table<Ping>("a table such as { every = \"5s\" }", fields)),
                               [](const Cursor&, Ping ping) { return std::optional(ping.every); });
}

ShapePtr<Reconnect> reconnect_shape()
{
    Fields<Reconnect> fields;
    fields.optional("attempts", "How often in a row it is tried again.", &Reconnect::attempts,
                    integer(1, most_attempts));
    fields.optional("backoff",
                    "The wait before the first new attempt and the longest: doubled each time, and drawn between half "
                    "of it and all.",
                    &Reconnect::backoff, duration_range());
    return table<Reconnect>("a table such as { attempts = 5, backoff = \"100ms..5s\" }", fields);
}

struct Expected {
    std::optional<std::string> message;
    int messages = 0;
};

ShapePtr<Expected> expected_shape()
{
    Fields<Expected> fields;
    fields.optional("message", "A regular expression that the first message contains.", &Expected::message, regex());
    fields.optional("messages", "At least so many messages come from the server.", &Expected::messages,
                    integer(0, most_messages));
    return table<Expected>("a table such as { messages = 3 }", fields);
}

/// Writes into the step at once.
class ExpectedInStep final : public ShapeOf<WebSocketStep> {
public:
    [[nodiscard]] std::string expected() const override { return shape_->expected(); }
    [[nodiscard]] boost::json::object schema(SchemaUse use) const override { return shape_->schema(use); }
    void merge(Node& base, const Cursor& overlay) const override { shape_->merge(base, overlay); }
    bool read(const Cursor& cursor, WebSocketStep& into) const override
    {
        Expected expected;
        const bool ok = shape_->read(cursor, expected);
        into.first_message = std::move(expected.message);
        into.messages = expected.messages;
        return ok;
    }

private:
    ShapePtr<Expected> shape_ = expected_shape();
};

/// A client that reads nothing gets no answer to anything.
bool check_reads(const Cursor& cursor, Step& step)
{
    const auto& socket = socket_of(step);
    bool ok = true;
    if (!socket.reads) {
        for (const auto* key : {"say", "ping", "expect", "reconnect"}) {
            if (cursor.has(key)) {
                cursor.at(key).report_at_key(
                    fmt::format("{} does not go with reads = false; expected a client that reads", key));
                ok = false;
            }
        }
        if (!socket.hold) {
            cursor.report("a client that reads nothing has nothing to wait for; expected hold");
            ok = false;
        }
    }
    if (socket.ping_every && !socket.hold) {
        cursor.at("ping").report_at_key("ping needs a time to ping in; expected hold");
        ok = false;
    }
    if (socket.say && socket.say->every && !socket.hold) {
        cursor.at("say").report_at_key("say.every needs a time to say it in; expected hold, or no every");
        ok = false;
    }
    return ok;
}

/// "${ws}/rooms/1?x=2" → "WS /rooms/1".
std::string default_name(std::string_view url)
{
    auto path = trim(url);
    if (path.starts_with("${")) {
        const auto end = path.find('}');
        path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
    } else if (const auto scheme = path.find("://"); scheme != std::string_view::npos) {
        const auto host_end = path.find('/', scheme + 3);
        path.remove_prefix(host_end == std::string_view::npos ? path.size() : host_end);
    }
    path = path.substr(0, path.find('?'));
    return fmt::format("WS {}", path.empty() ? "/" : path);
}

} // namespace

StepKind websocket_step()
{
    const auto member = [](auto WebSocketStep::*which) {
        return [which](Step & step) -> auto&
        {
            return socket_of(step).*which;
        };
    };
    Fields<Step> fields([](Step& step) { step.action = WebSocketStep{}; });
    fields.required("ws", "The WebSocket's URL, ws:// or wss://.", member(&WebSocketStep::url), template_text());
    fields.optional("headers", "Headers of the opening handshake.", member(&WebSocketStep::headers),
                    http_headers_shape());
    fields.optional("subprotocols", "Subprotocols that are offered, the preferred first.",
                    member(&WebSocketStep::subprotocols), list_of(text()));
    fields.optional("deflate", "Offers permessage-deflate, without context takeover.", member(&WebSocketStep::deflate),
                    boolean());
    fields.optional("hold", "How long it stays open; without it until all that it waits for has come.",
                    member(&WebSocketStep::hold), duration_range());
    fields.optional("say", "What is said on it.", member(&WebSocketStep::say), say_shape());
    fields.optional("ping", "Pings, measured as NAME/ping.", member(&WebSocketStep::ping_every), ping_shape());
    fields.optional("reads", "false: nothing is read and no ping answered, as a client that hangs.",
                    member(&WebSocketStep::reads), boolean());
    fields.optional("expect", "What must come.", socket_of,
                    ShapePtr<WebSocketStep>(std::make_shared<ExpectedInStep>()));
    fields.optional("leave", "How it is left, in shares; without it with the closing handshake.",
                    member(&WebSocketStep::leave), leave_shape());
    fields.optional("reconnect", "What follows when it cannot be opened or breaks: without it the step fails at once.",
                    member(&WebSocketStep::reconnect), reconnect_shape());
    fields.finally(check_reads);
    return {"ws", fields, default_name};
}

} // namespace squall::scenario
