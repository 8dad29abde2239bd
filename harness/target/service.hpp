// Everything that handlers share. One thread.
#pragma once

#include "target/cache.hpp"
#include "target/database_pools.hpp"
#include "target/direct_connections.hpp"
#include "target/gate.hpp"
#include "target/login_connection.hpp"
#include "target/mcp_sessions.hpp"
#include "target/options.hpp"
#include "target/redis.hpp"
#include "target/request_counters.hpp"
#include "target/rooms.hpp"
#include "target/token.hpp"

#include <optional>

namespace squall::target {

struct Service {
    Service(const asio::any_io_executor& executor, Options given);

    Options options;
    Gate gate;
    DatabasePools database;
    Redis redis;
    TokenSigner tokens = TokenSigner::with_random_key();
    DirectConnections direct;
    RequestCounters requests;
    CacheSeam cache = CacheSeam::healthy();
    NearCache near_cache;
    Rooms rooms;
    McpSessions mcp;
    std::optional<Duration> request_timeout; // nothing: as long as the client likes
    bool holds_while_writing = false;        // a handler's database connection
    LoginSeam login = LoginSeam::healthy();  // last: what a defect keeps here goes first
};

} // namespace squall::target
