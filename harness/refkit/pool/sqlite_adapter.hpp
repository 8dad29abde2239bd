// How a pool opens, cleans and judges SQLite connections (refkit/sqlite/sqlite_connection.hpp: threads, deadlines,
// errors).
//
// A pool of `max` has up to `max` threads, one a connection. There is one writer at a time, however many connections: a
// pool with max 1 for those that write, and another for those that read, wait in the pool's queue rather than for the
// file's lock.
#pragma once

#include "refkit/pool/connection_pool.hpp"
#include "refkit/sqlite/sqlite_connection.hpp"

#include <string>

namespace squall::refkit {

struct SqliteAdapter {
    using Connection = SqliteConnection;

    SqliteOpening database;

    /// Keeps reset_on_return, custom_reset and, where there is one, statement_timeout.
    void configure(const PoolParams& params);
    [[nodiscard]] Connection make(const asio::any_io_executor& executor) const { return Connection(executor); }
    Task<Result<void>> dial(Connection& connection, Instant deadline) const;
    /// SELECT 1: that the thread answers. A file that was taken away meanwhile is not noticed.
    Task<bool> validate(Connection& connection, Instant deadline) const;
    /// Waits for what was given up to end, and rolls an open transaction back; then the custom statements, where the
    /// pool was told so. SQLite cannot discard the rest of a session: with discard_all, too, PRAGMAs, attached
    /// databases and temporary tables stay.
    Task<bool> reset(Connection& connection, Instant deadline) const;
    /// In a transaction, or at work on what was given up, is dirty: its thread knows when that has ended, and nobody
    /// gets it before. Closed, or after an error that leaves nothing to be trusted, is broken.
    [[nodiscard]] ReturnedAs condition(const Connection& connection) const;
    /// Interrupts what runs and waits for the thread's end: the pool's place becomes free when the file is closed.
    Task<void> take_leave(Connection& connection, Instant deadline) const;
    void close(Connection& connection) const { connection.close(); }

    ResetOnReturn reset_on_return = ResetOnReturn::rollback; // by configure()
    std::string custom_reset{};

    friend bool operator==(const SqliteAdapter&, const SqliteAdapter&) = default;
};

extern template class PoolCore<SqliteAdapter, asio::steady_timer>;
extern template class ConnectionPool<SqliteAdapter>;

using SqlitePool = ConnectionPool<SqliteAdapter>;

} // namespace squall::refkit
