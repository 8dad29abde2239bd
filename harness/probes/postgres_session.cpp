#include "probes/postgres_session.hpp"

#include "wire/postgres_parameters.hpp"

#include <charconv>
#include <utility>

namespace squall::probes {

PostgresSession::PostgresSession(std::string url, std::map<std::string, std::string> settings)
    : url_(std::move(url)),
      settings_(std::move(settings))
{}

Task<wire::PostgresResult<void>> PostgresSession::connect(Instant deadline)
{
    auto parameters = wire::parse_conninfo(url_);
    if (!parameters) {
        wire::PostgresError error;
        error.message = parameters.error().message;
        co_return error;
    }
    for (const auto& [keyword, value] : settings_) {
        (*parameters)[keyword] = value;
    }
    if (!connection_) {
        connection_.emplace(co_await asio::this_coro::executor);
    }
    co_return co_await connection_->connect(wire::to_conninfo(*parameters), deadline);
}

Task<wire::PostgresResult<wire::PostgresRows>> PostgresSession::query(std::string sql, Instant deadline)
{
    if (!connection_ || !connection_->is_open()) {
        const auto connected = co_await connect(deadline);
        if (!connected) {
            co_return connected.error();
        }
    }
    auto rows = co_await connection_->query(std::move(sql), {}, deadline);
    if (!rows) {
        connection_->close();
    }
    co_return rows;
}

std::string text_at(const wire::PostgresRows& rows, std::size_t row, std::string_view name)
{
    const auto column = rows.column(name);
    return column ? rows.rows[row][*column].value_or("") : std::string();
}

double number_at(const wire::PostgresRows& rows, std::size_t row, std::string_view name)
{
    const auto text = text_at(rows, row, name);
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

} // namespace squall::probes
