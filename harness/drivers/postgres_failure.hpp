// Failures of PostgreSQL as the kinds that a result counts. Pure.
#pragma once

#include "drivers/failure.hpp"
#include "wire/postgres_connection.hpp"

namespace squall::drivers {

/// Why a connection was not made. Too many clients, at PostgreSQL or PgBouncer, is connection_refused and says so.
[[nodiscard]] Failure postgres_connect_failure(const wire::PostgresError& error);

/// Why a statement failed; `lost`: the connection went with it. The SQLSTATE stands in the text. The server's own
/// statement_timeout is a timeout.
[[nodiscard]] Failure postgres_query_failure(const wire::PostgresError& error, bool lost);

} // namespace squall::drivers
