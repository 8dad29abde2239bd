// The lightest HTTP/1.1 server that every generator accepts: one thread, epoll, a fixed answer. Benchmarks only.
//   bench_server PORT
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::string_view body = "\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";

struct Answers {
    std::string plain = "HTTP/1.1 200 OK" + std::string(body);
    std::string kept_1_0 = "HTTP/1.0 200 OK\r\nConnection: keep-alive" + std::string(body);
    std::string closing = "HTTP/1.1 200 OK\r\nConnection: close" + std::string(body);
};

struct Connection {
    std::string unread; // only what one read left over
};

bool has(std::string_view head, std::string_view text)
{
    return head.find(text) != std::string_view::npos;
}

/// Answers every whole request in the buffer with one write; false when the connection is to be closed.
bool serve(int socket, Connection& connection, std::string_view received, const Answers& answers)
{
    if (!connection.unread.empty()) {
        connection.unread.append(received);
        received = connection.unread;
    }
    std::string several;
    std::string_view out;
    bool keep = true;
    std::size_t end = 0;
    while (keep && (end = received.find("\r\n\r\n")) != std::string_view::npos) {
        const auto head = received.substr(0, end);
        received.remove_prefix(end + 4);
        const bool old = has(head, " HTTP/1.0");
        const bool kept_old = old && (has(head, "onnection: Keep-Alive") || has(head, "onnection: keep-alive"));
        keep = old ? kept_old : !has(head, "onnection: close");
        const std::string_view answer = !keep ? answers.closing : old ? answers.kept_1_0 : answers.plain;
        if (!out.empty()) {
            several = several.empty() ? std::string(out) : several;
            several += answer;
            out = several;
        } else {
            out = answer;
        }
    }
    connection.unread = std::string(received);
    if (!out.empty() && ::send(socket, out.data(), out.size(), MSG_NOSIGNAL) < 0) {
        return false;
    }
    return keep;
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
        std::perror("bench_server");
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
        connections[static_cast<std::size_t>(socket)].unread.clear();
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
        std::fputs("usage: bench_server PORT\n", stderr);
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
    const Answers answers;
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
            const bool keep =
                count > 0 && serve(socket, connection, {buffer.data(), static_cast<std::size_t>(count)}, answers);
            if (!keep) {
                ::close(socket);
            }
        }
    }
}
