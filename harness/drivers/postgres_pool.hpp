// Connections to PostgreSQL that the users of a thread share.
#pragma once

#include "drivers/connection_pool.hpp"
#include "drivers/postgres_client.hpp"

namespace squall::drivers {

/// Made by PostgresContext::pool().
class PostgresPool final : public ConnectionPool<PostgresClient, PostgresContext> {
public:
    using ConnectionPool::ConnectionPool;
};

} // namespace squall::drivers
