// What the benchmarks' servers share: one thread, epoll, connections by their descriptor.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace bench {

inline int listen_on(std::uint16_t port)
{
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    const int on = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(listener, 4096) != 0) {
        std::perror("bench server");
        std::exit(1);
    }
    return listener;
}

inline void watch(int poll, int descriptor)
{
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = descriptor;
    ::epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event);
}

template <typename Connection>
void accept_all(int poll, int listener, std::vector<Connection>& connections)
{
    for (int socket = 0; (socket = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
        const int on = 1;
        ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (connections.size() <= static_cast<std::size_t>(socket)) {
            connections.resize(static_cast<std::size_t>(socket) + 1);
        }
        connections[static_cast<std::size_t>(socket)] = {};
        watch(poll, socket);
    }
}

/// Never returns. `serve(socket, connection, received)`: false when the connection is to be closed.
template <typename Connection, typename Serve>
[[noreturn]] void run_server(std::uint16_t port, Serve serve)
{
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    const int listener = listen_on(port);
    const int poll = ::epoll_create1(0);
    watch(poll, listener);
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
            const std::string_view received(buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
            if (received.empty() || !serve(socket, connection, received)) {
                ::close(socket);
            }
        }
    }
}

} // namespace bench
