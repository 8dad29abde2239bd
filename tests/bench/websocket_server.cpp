// The lightest WebSocket server that every client accepts: one thread, epoll, each message echoed. Benchmarks only.
//   bench_websocket_server PORT
#include "epoll_server.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

namespace {

constexpr unsigned char opcode_close = 8;
constexpr unsigned char opcode_ping = 9;
constexpr unsigned char opcode_pong = 10;

struct Connection {
    std::string unread; // only what one read left over
    bool upgraded = false;
};

/// RFC 6455 section 4.2.2.
std::string accept_of(std::string key)
{
    key += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
    SHA1(reinterpret_cast<const unsigned char*>(key.data()), key.size(), digest.data());
    std::array<unsigned char, 32> text{};
    const int size = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
    return {reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(size)};
}

/// The answer to a handshake; empty when it is none.
std::string upgrade_answer(std::string_view head)
{
    std::string lower(head);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
    constexpr std::string_view name = "\r\nsec-websocket-key:";
    const auto at = lower.find(name);
    if (at == std::string::npos) {
        return {};
    }
    auto value = head.substr(at + name.size());
    value = value.substr(0, value.find("\r\n"));
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
           accept_of(std::string(value)) + "\r\n\r\n";
}

struct Frame {
    unsigned char first = 0; // the final bit and the opcode
    std::string payload;
};

/// Takes one masked frame of up to 64 KiB off the front; nothing when it is not all there.
std::optional<Frame> take_frame(std::string_view& bytes)
{
    if (bytes.size() < 6) {
        return std::nullopt;
    }
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
    std::size_t length = byte(1) & 0x7FU;
    std::size_t header = 2;
    if (length == 126) {
        length = std::size_t{byte(2)} << 8U | byte(3);
        header = 4;
    }
    if (bytes.size() < header + 4 + length) {
        return std::nullopt;
    }
    Frame frame{byte(0), std::string(bytes.substr(header + 4, length))};
    for (std::size_t at = 0; at < length; ++at) {
        frame.payload[at] = static_cast<char>(frame.payload[at] ^ bytes[header + at % 4]);
    }
    bytes.remove_prefix(header + 4 + length);
    return frame;
}

void append_frame(unsigned char first, std::string_view payload, std::string& out)
{
    out.push_back(static_cast<char>(first));
    if (payload.size() < 126) {
        out.push_back(static_cast<char>(payload.size()));
    } else {
        out.push_back(126);
        out.push_back(static_cast<char>(payload.size() >> 8U));
        out.push_back(static_cast<char>(payload.size()));
    }
    out.append(payload);
}

/// Answers all that is whole in the bytes; false when the connection is to be closed.
bool answer(Connection& connection, std::string_view& bytes, std::string& out)
{
    if (!connection.upgraded) {
        const auto end = bytes.find("\r\n\r\n");
        if (end == std::string_view::npos) {
            return true;
        }
        out = upgrade_answer(bytes.substr(0, end + 2));
        bytes.remove_prefix(end + 4);
        connection.upgraded = true;
        if (out.empty()) {
            return false;
        }
    }
    while (const auto frame = take_frame(bytes)) {
        const unsigned char opcode = frame->first & 0x0FU;
        const bool ping = opcode == opcode_ping;
        if (opcode != opcode_pong) {
            append_frame(ping ? 0x80U | opcode_pong : frame->first, frame->payload, out);
        }
        if (opcode == opcode_close) {
            return false;
        }
    }
    return true;
}

bool serve(int socket, Connection& connection, std::string_view received)
{
    if (!connection.unread.empty()) {
        connection.unread.append(received);
        received = connection.unread;
    }
    std::string out;
    const bool keep = answer(connection, received, out);
    connection.unread = std::string(received);
    return (out.empty() || ::send(socket, out.data(), out.size(), MSG_NOSIGNAL) >= 0) && keep;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::fputs("usage: bench_websocket_server PORT\n", stderr);
        return 1;
    }
    bench::run_server<Connection>(static_cast<std::uint16_t>(std::atoi(argv[1])), serve);
}
