// Everything that handlers share. One thread.
#pragma once

#include "refkit/pool/postgres_adapter.hpp"
#include "target/cache.hpp"
#include "target/direct_connections.hpp"
#include "target/login_connection.hpp"
#include "target/mcp_sessions.hpp"
#include "target/options.hpp"
#include "target/redis_health.hpp"
#include "target/request_counters.hpp"
#include "target/rooms.hpp"
#include "target/token.hpp"

#include <memory>

namespace squall::target {

struct Service {
    Service(const asio::any_io_executor& executor, Options given);

    Options options;
    refkit::PostgresPool pool; // application_name "meal-planner"
    TokenSigner tokens = TokenSigner::with_random_key();
    DirectConnections direct;
    RedisHealth redis;
    RequestCounters requests;
    std::unique_ptr<refkit::RedisPool> redis_pool; // null: no Redis is wanted
    CacheSeam cache = CacheSeam::healthy();
    Rooms rooms;
    McpSessions mcp;
    std::optional<Duration> request_timeout; // nothing: as long as the client likes
    bool holds_while_writing = false;        // a handler's database connection
    LoginSeam login = LoginSeam::healthy();  // last: what a defect keeps here goes first
};

} // namespace squall::target
