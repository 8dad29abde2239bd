// Asks a PostgreSQL server to cancel what a connection runs, without blocking the caller's thread.
#pragma once

#include "base/time.hpp"
#include "wire/task.hpp"

#include <libpq-fe.h>

namespace squall::wire {

/// True once the request's own connection has been closed by the server: it has passed the request on, and nothing that
/// is sent afterwards can be hit by it. False when that did not happen by `deadline`, or the caller was cancelled: the
/// request may then still be under way, and the connection should be closed.
///
/// libpq before 17 can only do this blocking and without a deadline (PQcancel): it does it in a thread of its own,
/// which is left behind when the server stays silent and ends when that answers or its machine is gone. At most 16 such
/// threads; more requests are refused.
Task<bool> request_cancel(PGconn* connection, Instant deadline);

} // namespace squall::wire
