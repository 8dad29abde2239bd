// What a user left in the middle of a statement, made usable again.
#pragma once

#include "base/time.hpp"
#include "refkit/mutants.hpp"
#include "wire/task.hpp"

namespace squall::refkit {

/// Cancels the statement and reads its answer to the end. False: close the connection. A cancel request names a
/// connection, not a statement: one that comes late hits the next user (pgbouncer#717, lib/pq#1001). So nothing is
/// read, and nobody gets the connection, before the request is known to be delivered. `Connection` has request_cancel()
/// and read_abandoned() as wire::PostgresConnection has them; it outlives this.
template <typename Connection>
Task<bool> cancel_abandoned(Connection& connection, Instant deadline)
{
    const auto patience = SQUALL_MUTANT(late_cancel_request) ? Instant{} : deadline;
    const bool delivered = co_await connection.request_cancel(patience);
    if (!delivered && !SQUALL_MUTANT(late_cancel_request)) {
        co_return false;
    }
    const bool whole = co_await connection.read_abandoned(deadline);
    co_return whole;
}

} // namespace squall::refkit
