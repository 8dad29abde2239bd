#include "wire/postgres_rows.hpp"

#include "wire/postgres_error.hpp"

namespace squall::wire {

PostgresRows read_rows(const PGresult* result)
{
    PostgresRows rows;
    const int columns = PQnfields(result);
    for (int column = 0; column < columns; ++column) {
        rows.columns.emplace_back(PQfname(result, column));
    }
    const int count = PQntuples(result);
    rows.rows.resize(static_cast<std::size_t>(count));
    for (int row = 0; row < count; ++row) {
        auto& values = rows.rows[static_cast<std::size_t>(row)];
        for (int column = 0; column < columns; ++column) {
            if (PQgetisnull(result, row, column) != 0) {
                values.emplace_back(std::nullopt);
            } else {
                values.emplace_back(std::in_place, PQgetvalue(result, row, column),
                                    static_cast<std::size_t>(PQgetlength(result, row, column)));
            }
        }
    }
    rows.command_tag = PQcmdStatus(const_cast<PGresult*>(result)); // libpq's signature lacks the const
    return rows;
}

PostgresError read_error(const PGresult* result)
{
    const char* sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char* primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    auto error =
        server_error(sqlstate == nullptr ? "" : sqlstate, primary == nullptr ? PQresultErrorMessage(result) : primary);
    if (error.sqlstate.empty()) {
        error.kind = PostgresError::Kind::broken; // made by libpq itself: the connection was lost
    }
    return error;
}

std::optional<std::size_t> PostgresRows::column(std::string_view name) const
{
    for (std::size_t index = 0; index < columns.size(); ++index) {
        if (columns[index] == name) {
            return index;
        }
    }
    return std::nullopt;
}

} // namespace squall::wire
