// libpq's results as plain values.
#pragma once

#include "wire/postgres_connection.hpp"

#include <libpq-fe.h>

namespace squall::wire {

[[nodiscard]] PostgresRows read_rows(const PGresult* result);

/// From a result whose status is an error; broken where libpq itself made it because the connection was lost.
[[nodiscard]] PostgresError read_error(const PGresult* result);

} // namespace squall::wire
