// How a pool opens and judges Redis connections.
#pragma once

#include "refkit/pool/connection_pool.hpp"
#include "wire/redis_connection.hpp"

#include <string>

namespace squall::refkit {

struct RedisAdapter {
    using Connection = wire::RedisConnection;

    std::string url;
    std::string name; // for CLIENT LIST

    [[nodiscard]] Connection make(const asio::any_io_executor& executor) const { return Connection(executor); }
    Task<Result<void>> dial(Connection& connection, Instant deadline) const;
    /// PING.
    Task<bool> validate(Connection& connection, Instant deadline) const;
    /// Nothing is left behind by commands that stand alone; an open connection is clean.
    Task<bool> reset(Connection& connection, Instant deadline) const;
    [[nodiscard]] ReturnedAs condition(const Connection& connection) const;
    void close(Connection& connection) const { connection.close(); }
};

extern template class PoolCore<RedisAdapter, asio::steady_timer>;
extern template class ConnectionPool<RedisAdapter>;

using RedisPool = ConnectionPool<RedisAdapter>;

} // namespace squall::refkit
