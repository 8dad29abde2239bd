// What handlers need to speak to the database and to tell why it did not answer.
#pragma once

#include "refkit/pool/connection_pool.hpp"
#include "target/http.hpp"
#include "wire/postgres_connection.hpp"

#include <string>
#include <string_view>

namespace squall::target {

/// For one query of a handler.
constexpr Duration query_timeout = std::chrono::seconds(5);

/// The same connection string under a name that pg_stat_activity shows. One that libpq cannot read stays as it is, so
/// that connecting tells what is wrong with it.
[[nodiscard]] std::string with_application_name(const std::string& conninfo, const std::string& name);

/// What went wrong in one line and without passwords: libpq's messages have several.
[[nodiscard]] std::string one_line(std::string_view message);

/// The server refused the query, and would refuse it again: nothing is wrong with the server.
[[nodiscard]] bool refused_query(const wire::PostgresError& error);
/// 503 with the pool's error and counts.
[[nodiscard]] Response pool_refusal(const refkit::AcquireFailure& failure);
/// 503 where the connection failed or timed out, 500 where the server refused the query.
[[nodiscard]] Response database_refusal(const wire::PostgresError& error);

} // namespace squall::target
