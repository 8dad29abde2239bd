// The physical limit: the least that a generator must do for a keep-alive request, two system calls and nothing else.
// It measures, checks and keeps nothing. Benchmarks only.
//   bench_limit PORT CONNECTIONS SECONDS    prints the number of requests and requests per second
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

constexpr std::string_view request = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

int connected_to(std::uint16_t port)
{
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        std::perror("bench_limit");
        std::exit(1);
    }
    return socket;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 4) {
        std::fputs("usage: bench_limit PORT CONNECTIONS SECONDS\n", stderr);
        return 1;
    }
    using Clock = std::chrono::steady_clock;
    const int poll = ::epoll_create1(0);
    for (int number = 0; number < std::atoi(argv[2]); ++number) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = connected_to(static_cast<std::uint16_t>(std::atoi(argv[1])));
        ::epoll_ctl(poll, EPOLL_CTL_ADD, event.data.fd, &event);
        ::send(event.data.fd, request.data(), request.size(), MSG_NOSIGNAL);
    }
    const auto begin = Clock::now();
    const auto end = begin + std::chrono::seconds(std::atoi(argv[3]));
    std::array<epoll_event, 512> events{};
    std::array<char, 4096> buffer{};
    unsigned long requests = 0;
    while (Clock::now() < end) {
        const int ready = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), 1000);
        for (int at = 0; at < ready; ++at) {
            const int socket = events[static_cast<std::size_t>(at)].data.fd;
            if (::recv(socket, buffer.data(), buffer.size(), 0) <= 0) {
                std::fputs("bench_limit: the server closed a connection\n", stderr);
                return 1;
            }
            ++requests;
            ::send(socket, request.data(), request.size(), MSG_NOSIGNAL);
        }
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    std::printf("%lu requests, %.1f/s\n", requests, static_cast<double>(requests) / seconds);
}
