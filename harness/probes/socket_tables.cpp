#include "probes/socket_tables.hpp"

#include "probes/number_text.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>

#include <algorithm>
#include <optional>

namespace squall::probes {
namespace {

constexpr std::string_view blanks = " \t";

/// The first words of a line, as many as are needed of them. No allocation: a table may have 100,000 lines.
struct Words {
    std::array<std::string_view, 10> word;
    std::size_t count = 0;
};

Words first_words(std::string_view line)
{
    Words words;
    for (auto at = line.find_first_not_of(blanks); at != std::string_view::npos && words.count < words.word.size();) {
        const auto end = line.find_first_of(blanks, at);
        words.word[words.count++] = line.substr(at, end - at);
        at = end == std::string_view::npos ? end : line.find_first_not_of(blanks, end);
    }
    return words;
}

template <typename OnLine>
void for_each_line(std::string_view text, OnLine on_line)
{
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        on_line(first_words(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

struct Address {
    std::array<std::uint32_t, 4> words{};
    bool six = false;
    std::uint16_t port = 0;
};

/// "0100007F:1538": the address in words of host byte order, the port as a number.
std::optional<Address> parse_address(std::string_view text)
{
    const auto colon = text.find(':');
    if (colon != 8 && colon != 32) {
        return std::nullopt;
    }
    Address address;
    address.six = colon == 32;
    const auto port = to_number<std::uint16_t>(text.substr(colon + 1), 16);
    for (std::size_t index = 0; index < colon / 8; ++index) {
        const auto word = to_number<std::uint32_t>(text.substr(index * 8, 8), 16);
        if (!word) {
            return std::nullopt;
        }
        address.words[index] = *word;
    }
    address.port = port.value_or(0);
    return port ? std::optional(address) : std::nullopt;
}

constexpr std::array<std::string_view, 13> state_names{
    "unknown", "established", "syn_sent", "syn_recv", "fin_wait1", "fin_wait2", "time_wait",
    "close",   "close_wait",  "last_ack", "listen",   "closing",   "syn_recv",
};

} // namespace

std::string_view to_string(TcpState state)
{
    return state_names.at(static_cast<std::size_t>(state));
}

std::vector<TcpSocket> parse_tcp_sockets(std::string_view text)
{
    std::vector<TcpSocket> sockets;
    for_each_line(text, [&sockets](const Words& line) {
        if (line.count < 10) {
            return;
        }
        const auto local = parse_address(line.word[1]);
        const auto peer = parse_address(line.word[2]);
        const auto state = to_number<std::uint8_t>(line.word[3], 16);
        const auto inode = to_number<std::uint64_t>(line.word[9]);
        if (local && peer && state && inode) {
            const bool known = *state < state_names.size();
            sockets.push_back({peer->words, peer->six, peer->port, local->port,
                               known ? static_cast<TcpState>(*state) : TcpState::unknown, *inode});
        }
    });
    return sockets;
}

std::string peer_of(const TcpSocket& socket)
{
    std::array<char, INET6_ADDRSTRLEN> shown{};
    inet_ntop(socket.six ? AF_INET6 : AF_INET, socket.peer_address.data(), shown.data(), shown.size());
    std::string_view host = shown.data();
    if (host.starts_with("::ffff:")) {
        host.remove_prefix(7);
    }
    const bool brackets = host.find(':') != std::string_view::npos;
    return brackets ? fmt::format("[{}]:{}", host, socket.peer_port) : fmt::format("{}:{}", host, socket.peer_port);
}

std::vector<std::uint64_t> parse_udp_inodes(std::string_view text)
{
    std::vector<std::uint64_t> inodes;
    for_each_line(text, [&inodes](const Words& line) {
        const auto inode = line.count == 10 ? to_number<std::uint64_t>(line.word[9]) : std::nullopt;
        if (inode) {
            inodes.push_back(*inode);
        }
    });
    return inodes;
}

std::vector<UnixSocket> parse_unix_sockets(std::string_view text)
{
    constexpr std::uint32_t accepts_connections = 1U << 16U; // __SO_ACCEPTCON (include/uapi/linux/net.h)
    std::vector<UnixSocket> sockets;
    for_each_line(text, [&sockets](const Words& line) {
        const auto flags = line.count >= 7 ? to_number<std::uint32_t>(line.word[3], 16) : std::nullopt;
        const auto inode = line.count >= 7 ? to_number<std::uint64_t>(line.word[6]) : std::nullopt;
        if (flags && inode) {
            sockets.push_back({*inode, (*flags & accepts_connections) != 0});
        }
    });
    return sockets;
}

} // namespace squall::probes
