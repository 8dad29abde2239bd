// Ports on loopback.
#pragma once

#include "base/random.hpp"
#include "base/result.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace squall::stack {

/// First and last port, both included.
struct PortRange {
    int first = 0;
    int last = 0;
};

/// Where free ports are chosen: below the range that the kernel gives to outgoing connections (text of
/// /proc/sys/net/ipv4/ip_local_port_range), so that no client's socket, and load makes thousands, can take a server's
/// port between choice and bind. Nothing when there are fewer than 1,000 such ports above 10000.
[[nodiscard]] std::optional<PortRange> server_port_range(std::string_view local_port_range);

/// True when a server could listen on 127.0.0.1:port now.
[[nodiscard]] bool is_port_free(int port);

/// A free port on 127.0.0.1 that is not in `taken`; added to it.
[[nodiscard]] Result<int> choose_port(Random& random, std::set<int>& taken);

} // namespace squall::stack
