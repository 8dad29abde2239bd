// Gauges of a Redis server from INFO and CLIENT LIST.
#pragma once

#include "probes/probe.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace squall::probes {

/// NAME.connected_clients (without probes), .clients by {name=…} as set with CLIENT SETNAME, {user=…} and {host=…}
/// (each at most 20, the rest as "other"; unnamed ones as "none"), .blocked_clients, .tracking_clients,
/// .pubsub_channels, .pubsub_patterns, .replicas, .cached_scripts; .keys of all databases and by {db=…}, .expiring_keys
/// (those with a time to live); .used_memory, .used_memory_rss, .used_memory_dataset, .client_memory (bytes),
/// .maxmemory (0: no limit), .memory_ratio (used of maxmemory; absent without), .fragmentation_ratio; since the
/// server's start .evicted_keys, .expired_keys, .rejected_connections, .total_connections_received. What a server's
/// version does not tell is absent. `url`: redis://[:password@]host:port.
[[nodiscard]] std::unique_ptr<Probe> make_redis_probe(std::string name, std::string url);

/// Without the name in front.
[[nodiscard]] std::vector<std::string> redis_gauge_names();

/// "key:value" lines of INFO; comments left out.
using RedisInfo = std::map<std::string, std::string, std::less<>>;
[[nodiscard]] RedisInfo parse_redis_info(std::string_view text);

/// A line of the answer to CLIENT LIST; empty where it does not say.
struct RedisClient {
    std::string name;
    std::string user;
    std::string host; // without the port
};
[[nodiscard]] std::vector<RedisClient> parse_clients(std::string_view text);

/// "keys=12,expires=3,avg_ttl=0".
struct Keyspace {
    double keys = 0;
    double expiring = 0;
};
[[nodiscard]] Keyspace parse_keyspace(std::string_view text);

} // namespace squall::probes
