// Connection strings of libpq, with host names resolved beforehand because libpq itself would block on them.
#pragma once

#include "base/time.hpp"
#include "wire/postgres_connection.hpp"
#include "wire/task.hpp"

#include <map>
#include <string>

namespace squall::wire {

/// libpq keyword → value, only what was given.
using PostgresParameters = std::map<std::string, std::string>;

/// A libpq URL or keyword string. Errors never show a password.
[[nodiscard]] Result<PostgresParameters> parse_conninfo(const std::string& conninfo);

/// A keyword string that libpq reads back as the same parameters.
[[nodiscard]] std::string to_conninfo(const PostgresParameters& parameters);

/// The same with `hostaddr` filled in: every named host becomes as many entries of the host, hostaddr and port lists as
/// it has addresses. Sockets' folders, literals and strings that carry a hostaddr stay as they are.
Task<PostgresResult<PostgresParameters>> with_addresses(PostgresParameters parameters, Instant deadline);

} // namespace squall::wire
