#include "drivers/received_bytes.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstddef>

namespace squall::drivers {
namespace {

/// Linux's struct tcp_info goes on behind the C library's: linux/tcp.h, which cannot stand beside netinet/tcp.h.
struct LongTcpInfo {
    tcp_info known;
    std::uint64_t pacing_rate;
    std::uint64_t most_pacing_rate;
    std::uint64_t bytes_acknowledged;
    std::uint64_t bytes_received;
};
static_assert(offsetof(LongTcpInfo, pacing_rate) == 104);

} // namespace

std::optional<std::uint64_t> received_bytes(int descriptor)
{
    LongTcpInfo info{};
    socklen_t size = sizeof info;
    if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 || size < sizeof info) {
        return std::nullopt;
    }
    return info.bytes_received;
}

} // namespace squall::drivers
