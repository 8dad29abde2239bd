#include "drivers/websocket_handshake.hpp"

#include "catch.hpp"

#include <algorithm>
#include <vector>

namespace squall::drivers {
namespace {

using measure::ErrorKind;

constexpr std::string_view rfc_key = "dGhlIHNhbXBsZSBub25jZQ=="; // RFC 6455 section 1.3
constexpr std::string_view rfc_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

WebSocketKey key_of(std::string_view text)
{
    WebSocketKey key{};
    std::copy(text.begin(), text.end(), key.begin());
    return key;
}

struct Case {
    std::vector<std::string> subprotocols;
    bool deflate = false;
    int status = 101;
    std::vector<std::pair<std::string_view, std::string_view>> answer{
        {"Upgrade", "WebSocket"}, {"Connection", "keep-alive, Upgrade"}, {"Sec-WebSocket-Accept", rfc_accept}};

    [[nodiscard]] Agreement check() const
    {
        HeaderList headers;
        for (const auto& [name, value] : answer) {
            headers.add(name, value);
        }
        WebSocketRequest request;
        request.subprotocols = subprotocols;
        request.deflate = deflate;
        return check_upgrade(request, key_of(rfc_key), status, headers);
    }
};

} // namespace

TEST_CASE("the accept of RFC 6455's own example")
{
    const auto accept = accept_of(key_of(rfc_key));
    CHECK(std::string_view(accept.data(), accept.size()) == rfc_accept);
}

TEST_CASE("the request of a WebSocket handshake")
{
    const auto url = wire::parse_url("ws://host:81/rooms/1?x=2").value();
    const std::vector<std::string> subprotocols{"chat", "other"};
    const std::vector<std::pair<std::string_view, std::string_view>> headers{{"origin", "http://host"}};
    WebSocketRequest request{&url, headers, subprotocols, true};
    std::string out;
    write_upgrade(request, key_of(rfc_key), out);
    CHECK(out == "GET /rooms/1?x=2 HTTP/1.1\r\nhost: host:81\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"
                 "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                 "sec-websocket-protocol: chat, other\r\n"
                 "sec-websocket-extensions: permessage-deflate; client_no_context_takeover; "
                 "server_no_context_takeover\r\nuser-agent: squall\r\norigin: http://host\r\n\r\n");

    SECTION("a header that would split it, or that is the handshake's own, is not sent")
    {
        CHECK_FALSE(wrong_header(request));
        const std::vector<std::pair<std::string_view, std::string_view>> split{{"x", "a\r\nb: c"}};
        request.headers = split;
        CHECK(wrong_header(request));
        const std::vector<std::pair<std::string_view, std::string_view>> own{{"Sec-WebSocket-Key", "x"}};
        request.headers = own;
        CHECK(wrong_header(request));
    }
}

TEST_CASE("answers to a WebSocket handshake")
{
    Case answered;

    SECTION("a right one")
    {
        CHECK_FALSE(answered.check().failure);
    }
    SECTION("another status is a refusal that names it")
    {
        answered.status = 403;
        const auto agreement = answered.check();
        CHECK(agreement.failure.kind == ErrorKind::upgrade_refused);
        CHECK(agreement.failure.text.find("403") != std::string::npos);
    }
    SECTION("a wrong accept, or none, and a 101 for something else")
    {
        answered.answer[2].second = "s3pPLMBiTxaQ9kYGzzhZRbK+xOO=";
        CHECK(answered.check().failure.kind == ErrorKind::websocket_protocol);
        answered.answer.pop_back();
        CHECK(answered.check().failure.kind == ErrorKind::websocket_protocol);
        Case other;
        other.answer[0].second = "h2c";
        CHECK(other.check().failure.kind == ErrorKind::websocket_protocol);
    }
    SECTION("a subprotocol is taken only when it was offered")
    {
        answered.answer.emplace_back("Sec-WebSocket-Protocol", "chat");
        CHECK(answered.check().failure.kind == ErrorKind::websocket_protocol);
        answered.subprotocols = {"chat"};
        CHECK_FALSE(answered.check().failure);
        CHECK(answered.check().subprotocol == "chat");
    }
    SECTION("permessage-deflate is taken only as it was offered")
    {
        answered.answer.emplace_back("Sec-WebSocket-Extensions", "permessage-deflate; server_no_context_takeover");
        CHECK(answered.check().failure.kind == ErrorKind::websocket_protocol);
        answered.deflate = true;
        CHECK(answered.check().deflate);
        answered.answer.back().second = "permessage-deflate";
        CHECK(answered.check().failure.kind == ErrorKind::websocket_protocol);
        answered.answer.back().second = "permessage-deflate; server_no_context_takeover; client_max_window_bits=9";
        CHECK(answered.check().failure.kind == ErrorKind::websocket_protocol);
    }
}

} // namespace squall::drivers
