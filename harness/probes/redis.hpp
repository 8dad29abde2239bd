// Gauges of a Redis server from INFO and CLIENT LIST.
#pragma once

#include "probes/probe.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace squall::probes {

/// NAME.connected_clients (without probes), .blocked_clients, .used_memory, .used_memory_rss (bytes), .evicted_keys,
/// .rejected_connections, .total_connections_received (counters since the server's start), .keys (of database 0), and
/// NAME.clients by {name=…} as set with CLIENT SETNAME (at most 20, the rest as "other"; unnamed ones as "none").
/// `url`: redis://[:password@]host:port.
[[nodiscard]] std::unique_ptr<Probe> make_redis_probe(std::string name, std::string url);

/// "key:value" lines of INFO; comments left out.
[[nodiscard]] std::map<std::string, std::string, std::less<>> parse_redis_info(std::string_view text);
/// The names in an answer to CLIENT LIST, one a client, empty for an unnamed one.
[[nodiscard]] std::vector<std::string> parse_client_names(std::string_view text);
/// The number of keys in "keys=12,expires=3,avg_ttl=0"; 0 where there is none.
[[nodiscard]] double parse_key_count(std::string_view keyspace);

} // namespace squall::probes
