#include "probes/process_sockets.hpp"

#include "probes/proc_files.hpp"
#include "probes/socket_tables.hpp"

#include <algorithm>
#include <set>

namespace squall::probes {
namespace {

bool contains(const std::vector<std::uint64_t>& sorted, std::uint64_t inode)
{
    return std::ranges::binary_search(sorted, inode);
}

std::string table(pid_t pid, const char* name)
{
    return read_proc_file(pid, name).value_or("");
}

} // namespace

ProcessSockets::ProcessSockets(const std::string& name)
    : name_(name),
      by_peer_(name + ".sockets", "peer"),
      by_port_(name + ".sockets", "accepted"),
      by_state_(name + ".sockets", "state")
{
    by_state_.expect({"established", "close_wait", "listen", "time_wait"});
}

void ProcessSockets::add(pid_t pid, const std::vector<std::uint64_t>& inodes, std::vector<GaugeReading>& gauges)
{
    auto sockets = parse_tcp_sockets(table(pid, "net/tcp"));
    const auto six = parse_tcp_sockets(table(pid, "net/tcp6"));
    sockets.insert(sockets.end(), six.begin(), six.end());
    add_tcp(sockets, inodes, gauges);

    const auto held = [&inodes](std::uint64_t inode) { return contains(inodes, inode); };
    std::ptrdiff_t datagram = 0;
    for (const auto* name : {"net/udp", "net/udp6"}) {
        datagram += std::ranges::count_if(parse_udp_inodes(table(pid, name)), held);
    }
    const auto local = std::ranges::count_if(parse_unix_sockets(table(pid, "net/unix")), held, &UnixSocket::inode);
    gauges.push_back({name_ + ".udp_sockets", static_cast<double>(datagram)});
    gauges.push_back({name_ + ".unix_sockets", static_cast<double>(local)});
}

void ProcessSockets::add_tcp(const std::vector<TcpSocket>& sockets, const std::vector<std::uint64_t>& inodes,
                             std::vector<GaugeReading>& gauges)
{
    std::set<std::uint16_t> listening;
    for (const auto& socket : sockets) {
        if (socket.state == TcpState::listen && contains(inodes, socket.inode)) {
            listening.insert(socket.local_port);
        }
    }
    double established = 0;
    double close_wait = 0;
    for (const auto& socket : sockets) {
        if (!contains(inodes, socket.inode)) {
            // What the kernel holds for no process is ours where it came in at our port.
            if (socket.inode == 0 && listening.contains(socket.local_port)) {
                by_state_.add(socket.state == TcpState::established ? "not_accepted" : to_string(socket.state));
            }
            continue;
        }
        by_state_.add(to_string(socket.state));
        close_wait += socket.state == TcpState::close_wait ? 1 : 0;
        if (socket.state != TcpState::established) {
            continue;
        }
        ++established;
        if (listening.contains(socket.local_port)) {
            by_port_.add(std::to_string(socket.local_port));
        } else {
            by_peer_.add(peer_of(socket));
        }
    }
    gauges.push_back({name_ + ".sockets", established});
    gauges.push_back({name_ + ".close_wait", close_wait});
    by_peer_.take(gauges);
    by_port_.take(gauges);
    by_state_.take(gauges);
}

} // namespace squall::probes
