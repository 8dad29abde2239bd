// How a failure of libpq becomes a PostgresError.
#pragma once

#include "wire/postgres_connection.hpp"

#include <string>
#include <string_view>

namespace squall::wire {

/// From the message of a failed connect, told with PQERRORS_VERBOSE so that it carries the SQLSTATE, which libpq offers
/// in no other way. `reached` says whether a socket was open when it failed.
[[nodiscard]] PostgresError connect_error(std::string_view verbose_message, bool reached);

/// From a result of the server's: the kind follows the SQLSTATE's class (28: authentication).
[[nodiscard]] PostgresError server_error(std::string_view sqlstate, std::string_view message);

[[nodiscard]] PostgresError make_error(PostgresError::Kind kind, std::string message);

} // namespace squall::wire
