// How a pool opens and judges PostgreSQL connections, also through PgBouncer in any mode.
#pragma once

#include "refkit/pool/connection_pool.hpp"
#include "wire/postgres_connection.hpp"

#include <string>

namespace squall::refkit {

struct PostgresAdapter {
    using Connection = wire::PostgresConnection;

    std::string conninfo; // libpq URL or keyword string

    [[nodiscard]] Connection make(const asio::any_io_executor& executor) const { return Connection(executor); }
    Task<Result<void>> dial(Connection& connection, Instant deadline) const;
    /// SELECT 1.
    Task<bool> validate(Connection& connection, Instant deadline) const;
    /// ROLLBACK.
    Task<bool> reset(Connection& connection, Instant deadline) const;
    /// By its transaction status: idle is clean, in a transaction (also a failed one) dirty, all else broken.
    [[nodiscard]] ReturnedAs condition(const Connection& connection) const;
    void close(Connection& connection) const { connection.close(); }
};

extern template class PoolCore<PostgresAdapter, asio::steady_timer>;
extern template class ConnectionPool<PostgresAdapter>;

using PostgresPool = ConnectionPool<PostgresAdapter>;

} // namespace squall::refkit
