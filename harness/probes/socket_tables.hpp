// The kernel's tables of sockets, as /proc/PID/net shows them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace squall::probes {

/// As the kernel numbers them (include/net/tcp_states.h).
enum class TcpState : std::uint8_t {
    unknown,
    established,
    syn_sent,
    syn_recv,
    fin_wait1,
    fin_wait2,
    time_wait,
    close,
    close_wait,
    last_ack,
    listen,
    closing,
    new_syn_recv,
};

/// "established", "time_wait".
[[nodiscard]] std::string_view to_string(TcpState state);

/// A line of net/tcp or net/tcp6.
struct TcpSocket {
    std::array<std::uint32_t, 4> peer_address{}; // in the byte order of the network
    bool six = false;
    std::uint16_t peer_port = 0;
    std::uint16_t local_port = 0;
    TcpState state = TcpState::unknown;
    std::uint64_t inode = 0; // 0: no process holds it, as in time_wait or before it was accepted
};
[[nodiscard]] std::vector<TcpSocket> parse_tcp_sockets(std::string_view text);
/// "127.0.0.1:5432", "[::1]:80"; an IPv4 peer of a socket that takes both is written as IPv4.
[[nodiscard]] std::string peer_of(const TcpSocket& socket);

/// The inodes in net/udp or net/udp6.
[[nodiscard]] std::vector<std::uint64_t> parse_udp_inodes(std::string_view text);

/// A line of net/unix.
struct UnixSocket {
    std::uint64_t inode = 0;
    bool listening = false;
};
[[nodiscard]] std::vector<UnixSocket> parse_unix_sockets(std::string_view text);

} // namespace squall::probes
