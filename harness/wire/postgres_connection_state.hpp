// The inside of a PostgresConnection: libpq's state machine driven by waits on its socket.
#pragma once

#include "base/forks.hpp"
#include "wire/deadline.hpp"
#include "wire/postgres_connection.hpp"
#include "wire/postgres_parameters.hpp"

#include <libpq-fe.h>

namespace squall::wire {

struct FinishConnection {
    void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
    void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPointer = std::unique_ptr<PGresult, ClearResult>;

struct PostgresConnection::State {
    using Descriptor = asio::posix::stream_descriptor;

    explicit State(asio::any_io_executor on) : executor(std::move(on)), socket(executor) {}
    ~State() { close(); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    asio::any_io_executor executor;
    Descriptor socket; // watches libpq's socket, never closes it
    std::unique_ptr<PGconn, FinishConnection> connection;
    ForkMark opened;              // by this process, or by the one it is a fork of
    bool busy = false;            // a query waits for its answer
    bool keeps_abandoned = false; // and stays open when that is given up

    void close();
    [[nodiscard]] std::string message() const;

    /// Starts, and drives the handshake to its end. On failure the connection is closed.
    Task<PostgresResult<void>> establish(PostgresParameters parameters, Instant deadline);
    /// Hands a query to libpq; collect() sends it and reads the answer.
    bool send(const std::string& sql, const std::vector<std::string>& parameters);
    /// Every result up to the end; the last one's rows, or the first one's error.
    Task<PostgresResult<PostgresRows>> collect(Instant deadline);

private:
    void unwatch();
    void stop_waiting();
    Task<error_code> wait(Descriptor::wait_type what, const DeadlineGuard& guard);
    PostgresError give_up(const DeadlineGuard& guard, std::string_view doing, const error_code& error);
    PostgresError lost();
    Task<PostgresResult<void>> handshake(Instant deadline);
    Task<PostgresResult<void>> flush(const DeadlineGuard& guard);
    Task<PostgresResult<ResultPointer>> next_result(const DeadlineGuard& guard);
};

} // namespace squall::wire
