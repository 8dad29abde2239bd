// Host names to addresses without ever waiting longer than the deadline.
#pragma once

#include "base/time.hpp"
#include "wire/task.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace squall::wire {

using Endpoints = std::vector<asio::ip::tcp::endpoint>;

/// The address that `host` is, without brackets; nothing when it is a name.
[[nodiscard]] std::optional<asio::ip::tcp::endpoint> literal_endpoint(const std::string& host, std::uint16_t port);

/// Addresses of `host` (an IP literal is taken as it is, without brackets), in the system's order and at least one.
/// Errors: asio::error::timed_out when the deadline passes first (the system's own lookup cannot be stopped and ends in
/// the background), otherwise the resolver's.
Task<boost::system::result<Endpoints>> resolve(std::string host, std::uint16_t port, Instant deadline);

} // namespace squall::wire
