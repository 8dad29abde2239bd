#include "stack/ports.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <fstream>

namespace squall::stack {

namespace {

constexpr int lowest_server_port = 10'000;
constexpr int fewest_ports = 1'000;
constexpr int attempts = 200;

/// Binds 127.0.0.1:port (0: any); the port bound, or nothing.
std::optional<int> try_bind(int port)
{
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
        return std::nullopt;
    }
    // As servers do: connections in TIME_WAIT do not count, a listener does.
    const int on = 1;
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    const bool bound = ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                       ::listen(descriptor, 1) == 0 &&
                       ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) == 0;
    ::close(descriptor);
    if (!bound) {
        return std::nullopt;
    }
    return ntohs(address.sin_port);
}

} // namespace

std::optional<PortRange> server_port_range(std::string_view local_port_range)
{
    int first = 0;
    int last = 0;
    if (std::sscanf(std::string(local_port_range).c_str(), "%d %d", &first, &last) != 2 ||
        first - lowest_server_port < fewest_ports) {
        return std::nullopt;
    }
    return PortRange{lowest_server_port, first - 1};
}

bool is_port_free(int port)
{
    return try_bind(port).has_value();
}

Result<int> choose_port(Random& random, std::set<int>& taken)
{
    std::ifstream file("/proc/sys/net/ipv4/ip_local_port_range");
    std::string text;
    std::getline(file, text);
    const auto range = server_port_range(text);
    for (int attempt = 0; attempt < attempts; ++attempt) {
        const int wanted = range ? static_cast<int>(random.between(range->first, range->last)) : 0;
        const auto port = taken.contains(wanted) ? std::nullopt : try_bind(wanted);
        if (port && taken.insert(*port).second) {
            return *port;
        }
    }
    return fail("no free port on 127.0.0.1 after {} attempts: {}", attempts, std::strerror(errno));
}

} // namespace squall::stack
