// How a pool opens, cleans and judges PostgreSQL connections.
//
// Through PgBouncer in transaction or statement pooling, a server connection is the session's only while a transaction
// lasts. There:
// - statement_timeout does not hold (SET goes to whatever server connection is at hand, and stays there for others):
// set
//   it in the role, or by PgBouncer's connect_query or query_timeout.
// - discard_all and custom clean a server connection that the user may never have had; PgBouncer's own
//   server_reset_query is what cleans those, and rollback is enough.
// - whether a cancel request was delivered is PgBouncer's word: before 1.18 it closed the request's connection
//   without waiting for the server, so that one that is late may hit another client's statement (pgbouncer#717).
// The transaction status, and with it ROLLBACK, is right in every mode. In session pooling all holds.
#pragma once

#include "refkit/pool/connection_pool.hpp"
#include "wire/postgres_connection.hpp"

#include <string>

namespace squall::refkit {

struct PostgresAdapter {
    using Connection = wire::PostgresConnection;

    std::string conninfo; // libpq URL or keyword string

    /// Keeps reset_on_return, custom_reset and statement_timeout.
    void configure(const PoolParams& params);
    [[nodiscard]] Connection make(const asio::any_io_executor& executor) const;
    /// Sets the statement_timeout, too.
    Task<Result<void>> dial(Connection& connection, Instant deadline) const;
    /// SELECT 1.
    Task<bool> validate(Connection& connection, Instant deadline) const;
    /// What still runs is cancelled and read to its end; an open transaction is rolled back; then DISCARD ALL and the
    /// statement_timeout again, or the custom statement, where the pool was told so.
    Task<bool> reset(Connection& connection, Instant deadline) const;
    /// By its transaction status: idle is clean; in a transaction, a failed one, or in a statement is dirty; all else
    /// is broken.
    [[nodiscard]] ReturnedAs condition(const Connection& connection) const;
    /// A statement that still runs is cancelled, so that the server does not go on for nobody.
    Task<void> take_leave(Connection& connection, Instant deadline) const;
    void close(Connection& connection) const { connection.close(); }

    ResetOnReturn reset_on_return = ResetOnReturn::rollback; // by configure()
    std::string custom_reset{};
    std::string set_statement_timeout{}; // empty: the server's own holds

    friend bool operator==(const PostgresAdapter&, const PostgresAdapter&) = default;
};

extern template class PoolCore<PostgresAdapter, asio::steady_timer>;
extern template class ConnectionPool<PostgresAdapter>;

using PostgresPool = ConnectionPool<PostgresAdapter>;

} // namespace squall::refkit
