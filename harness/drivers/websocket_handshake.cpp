#include "drivers/websocket_handshake.hpp"

#include "base/text.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cstring>

namespace squall::drivers {
namespace {

using measure::ErrorKind;

constexpr std::string_view accept_guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455 section 1.3
constexpr std::string_view forbidden{"\r\n\0", 3};
constexpr std::array<std::string_view, 7> own_headers{"connection",
                                                      "upgrade",
                                                      "content-length",
                                                      "sec-websocket-key",
                                                      "sec-websocket-version",
                                                      "sec-websocket-protocol",
                                                      "sec-websocket-extensions"};
constexpr int switching_protocols = 101;

/// Base64 with its terminating 0, which EVP_EncodeBlock writes too.
template <std::size_t Size, std::size_t Bytes>
std::array<char, Size> base64_of(const std::array<unsigned char, Bytes>& bytes)
{
    std::array<unsigned char, Size + 1> text{};
    EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(bytes.size()));
    std::array<char, Size> out{};
    std::memcpy(out.data(), text.data(), out.size());
    return out;
}

bool gives(const WebSocketRequest& request, std::string_view name)
{
    return std::any_of(request.headers.begin(), request.headers.end(),
                       [name](const auto& header) { return same_name(header.first, name); });
}

bool has_token(std::string_view list, std::string_view token)
{
    for (const auto& part : split(list, ',')) {
        if (same_name(trim(part), token)) {
            return true;
        }
    }
    return false;
}

Failure broken(std::string text)
{
    return {ErrorKind::websocket_protocol, std::move(text)};
}

/// What came as the answer's permessage-deflate parameters must be what a client without context takeover can read
/// (RFC 7692 section 7.1). A window that is smaller than ours needs no care.
std::optional<std::string> wrong_deflate(std::string_view extension)
{
    bool without_takeover = false;
    const auto parts = split(extension, ';');
    for (std::size_t at = 1; at < parts.size(); ++at) {
        const auto parameter = trim(parts[at]);
        without_takeover = without_takeover || same_name(parameter, "server_no_context_takeover");
        const bool known = same_name(parameter, "server_no_context_takeover") ||
                           same_name(parameter, "client_no_context_takeover") ||
                           same_name(parameter.substr(0, parameter.find('=')), "server_max_window_bits");
        if (!known) {
            return fmt::format("the server answered permessage-deflate with {}, which was not offered", parameter);
        }
    }
    if (!without_takeover) {
        return "the server accepted permessage-deflate without the server_no_context_takeover that was offered";
    }
    return std::nullopt;
}

Failure take_extensions(const WebSocketRequest& request, const HeaderList& headers, Agreement& agreement)
{
    const auto extensions = headers.find("sec-websocket-extensions");
    if (!extensions || trim(*extensions).empty()) {
        return {};
    }
    const auto name = trim(extensions->substr(0, extensions->find(';')));
    if (!request.deflate || !same_name(name, "permessage-deflate") || extensions->find(',') != std::string_view::npos) {
        return broken(fmt::format("the server chose the extension {}, which was not offered", *extensions));
    }
    if (auto wrong = wrong_deflate(*extensions)) {
        return broken(std::move(*wrong));
    }
    agreement.deflate = true;
    return {};
}

Failure take_subprotocol(const WebSocketRequest& request, const HeaderList& headers, Agreement& agreement)
{
    const auto chosen = headers.find("sec-websocket-protocol");
    if (!chosen) {
        return {};
    }
    if (std::find(request.subprotocols.begin(), request.subprotocols.end(), *chosen) == request.subprotocols.end()) {
        return broken(fmt::format("the server chose the subprotocol {}, which was not offered", *chosen));
    }
    agreement.subprotocol = *chosen;
    return {};
}

} // namespace

WebSocketKey make_websocket_key(Random& random)
{
    std::array<unsigned char, 16> bytes{};
    const std::array<std::uint64_t, 2> drawn{random(), random()};
    std::memcpy(bytes.data(), drawn.data(), bytes.size());
    return base64_of<std::tuple_size_v<WebSocketKey>>(bytes);
}

std::array<char, 28> accept_of(const WebSocketKey& key)
{
    std::array<char, std::tuple_size_v<WebSocketKey> + accept_guid.size()> text{};
    std::memcpy(text.data(), key.data(), key.size());
    std::memcpy(text.data() + key.size(), accept_guid.data(), accept_guid.size());
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
    SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data()); // NOLINT: OpenSSL's bytes
    return base64_of<28>(digest);
}

std::optional<std::string> wrong_header(const WebSocketRequest& request)
{
    for (const auto& [name, value] : request.headers) {
        if (name.find_first_of(forbidden) != std::string_view::npos ||
            value.find_first_of(forbidden) != std::string_view::npos) {
            return fmt::format("the header {} holds a line break or NUL and was not sent", name);
        }
        for (const auto own : own_headers) {
            if (same_name(name, own)) {
                return fmt::format("the header {} belongs to the WebSocket handshake itself", name);
            }
        }
    }
    return std::nullopt;
}

void write_upgrade(const WebSocketRequest& request, const WebSocketKey& key, std::string& out)
{
    out.assign("GET ").append(request.url->target).append(" HTTP/1.1\r\n");
    if (!gives(request, "host")) {
        out.append("host: ").append(request.url->authority()).append("\r\n");
    }
    out.append("connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ");
    out.append(key.data(), key.size()).append("\r\n");
    for (std::size_t at = 0; at < request.subprotocols.size(); ++at) {
        out.append(at == 0 ? "sec-websocket-protocol: " : ", ").append(request.subprotocols[at]);
    }
    out.append(request.subprotocols.empty() ? "" : "\r\n");
    if (request.deflate) {
        out.append("sec-websocket-extensions: permessage-deflate; client_no_context_takeover; "
                   "server_no_context_takeover\r\n");
    }
    if (!gives(request, "user-agent")) {
        out.append("user-agent: squall\r\n");
    }
    for (const auto& [name, value] : request.headers) {
        out.append(name).append(": ").append(value).append("\r\n");
    }
    out.append("\r\n");
}

Agreement check_upgrade(const WebSocketRequest& request, const WebSocketKey& key, int status, const HeaderList& headers)
{
    Agreement agreement;
    if (status != switching_protocols) {
        agreement.failure = {ErrorKind::upgrade_refused,
                             fmt::format("the server refused the WebSocket with status {}", status)};
        return agreement;
    }
    const auto upgrade = headers.find("upgrade");
    const auto connection = headers.find("connection");
    const auto accept = headers.find("sec-websocket-accept");
    const auto expected = accept_of(key);
    if (!upgrade || !same_name(trim(*upgrade), "websocket") || !connection || !has_token(*connection, "upgrade")) {
        agreement.failure = broken("the server's status 101 is not for a WebSocket (headers upgrade and connection)");
    } else if (!accept || trim(*accept) != std::string_view(expected.data(), expected.size())) {
        agreement.failure = broken("the server's Sec-WebSocket-Accept does not answer the key that was sent");
    } else {
        agreement.failure = take_extensions(request, headers, agreement);
        if (!agreement.failure) {
            agreement.failure = take_subprotocol(request, headers, agreement);
        }
    }
    return agreement;
}

} // namespace squall::drivers
