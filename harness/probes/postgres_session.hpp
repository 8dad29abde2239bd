// The connection that a probe keeps to PostgreSQL or PgBouncer: opened when needed, again after it was lost.
#pragma once

#include "wire/postgres_connection.hpp"

#include <map>
#include <optional>
#include <string>

namespace squall::probes {

class PostgresSession {
public:
    /// `settings` are libpq keywords that override those of `url`.
    PostgresSession(std::string url, std::map<std::string, std::string> settings);

    /// Connects first where needed. After a failure the next query starts on a new connection.
    Task<wire::PostgresResult<wire::PostgresRows>> query(std::string sql, Instant deadline);

private:
    Task<wire::PostgresResult<void>> connect(Instant deadline);

    std::string url_;
    std::map<std::string, std::string> settings_;
    std::optional<wire::PostgresConnection> connection_;
};

/// Column `name` of a row as a number; 0 where there is no such column, no value, or no number.
[[nodiscard]] double number_at(const wire::PostgresRows& rows, std::size_t row, std::string_view name);
/// As text; empty where there is none.
[[nodiscard]] std::string text_at(const wire::PostgresRows& rows, std::size_t row, std::string_view name);

} // namespace squall::probes
