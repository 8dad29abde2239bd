// The sockets of a tree of processes, from the kernel's tables.
#pragma once

#include "probes/gauge_name.hpp"
#include "probes/probe.hpp"

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace squall::probes {

struct TcpSocket;

/// Remembers the labels seen, so one object belongs to one tree.
class ProcessSockets {
public:
    explicit ProcessSockets(const std::string& name);

    /// Appends NAME.sockets, .close_wait, .udp_sockets and .unix_sockets and their parts (process.hpp), of the network
    /// namespace that `pid` lives in. `inodes`: those of the tree's sockets, sorted.
    void add(pid_t pid, const std::vector<std::uint64_t>& inodes, std::vector<GaugeReading>& gauges);

private:
    void add_tcp(const std::vector<TcpSocket>& sockets, const std::vector<std::uint64_t>& inodes,
                 std::vector<GaugeReading>& gauges);

    std::string name_;
    Breakdown by_peer_;
    Breakdown by_port_;
    Breakdown by_state_;
};

} // namespace squall::probes
