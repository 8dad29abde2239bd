// The lightest WebSocket server that every client accepts: one thread, epoll, each message echoed. Benchmarks only.
//   bench_websocket_server PORT
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

int listen_on(std::uint16_t port)
{
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    const int on = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(listener, 4096) != 0) {
        std::perror("bench_websocket_server");
        std::exit(1);
    }
    return listener;
}

void accept_all(int poll, int listener, std::vector<Connection>& connections)
{
    for (;;) {
        const int socket = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
        if (socket < 0) {
            return;
        }
        const int on = 1;
        ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (connections.size() <= static_cast<std::size_t>(socket)) {
            connections.resize(static_cast<std::size_t>(socket) + 1);
        }
        connections[static_cast<std::size_t>(socket)] = {};
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = socket;
        ::epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event);
    }
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::fputs("usage: bench_websocket_server PORT\n", stderr);
        return 1;
    }
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    const int listener = listen_on(static_cast<std::uint16_t>(std::atoi(argv[1])));
    const int poll = ::epoll_create1(0);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = listener;
    ::epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    std::vector<Connection> connections;
    std::array<epoll_event, 512> events{};
    std::array<char, 65536> buffer{};
    for (;;) {
        const int ready = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
        for (int at = 0; at < ready; ++at) {
            const int socket = events[static_cast<std::size_t>(at)].data.fd;
            if (socket == listener) {
                accept_all(poll, listener, connections);
                continue;
            }
            const auto count = ::recv(socket, buffer.data(), buffer.size(), 0);
            if (count < 0 && errno == EAGAIN) {
                continue;
            }
            auto& connection = connections[static_cast<std::size_t>(socket)];
            if (count <= 0 || !serve(socket, connection, {buffer.data(), static_cast<std::size_t>(count)})) {
                ::close(socket);
            }
        }
    }
}
