// How a pool opens, cleans and judges Redis connections.
#pragma once

#include "refkit/pool/connection_pool.hpp"
#include "refkit/pool/redis_session.hpp"

#include <string>
#include <vector>

namespace squall::refkit {

/// Redis knows no statement_timeout: a command's deadline is its caller's, and closes the connection.
struct RedisAdapter {
    using Connection = RedisSession;

    std::string url;
    std::string name; // for CLIENT LIST

    /// Keeps reset_on_return and custom_reset: a command a line, its words apart by blanks.
    void configure(const PoolParams& params);
    [[nodiscard]] Connection make(const asio::any_io_executor& executor) const { return Connection(executor); }
    Task<Result<void>> dial(Connection& connection, Instant deadline) const;
    /// PING.
    Task<bool> validate(Connection& connection, Instant deadline) const;
    /// RESET (Redis 6.2 and later; older servers refuse it, and the connection is closed) and the greeting of a new
    /// connection again, where something was left or discard_all wants it; then the custom commands.
    Task<bool> reset(Connection& connection, Instant deadline) const;
    /// Broken where a reply may be unread or unasked for, dirty where RESET has something to take back.
    [[nodiscard]] ReturnedAs condition(const Connection& connection) const;
    void close(Connection& connection) const { connection.close(); }

    ResetOnReturn reset_on_return = ResetOnReturn::rollback; // by configure()
    std::vector<std::vector<std::string>> custom_reset{};

    friend bool operator==(const RedisAdapter&, const RedisAdapter&) = default;
};

extern template class PoolCore<RedisAdapter, asio::steady_timer>;
extern template class ConnectionPool<RedisAdapter>;

using RedisPool = ConnectionPool<RedisAdapter>;

} // namespace squall::refkit
