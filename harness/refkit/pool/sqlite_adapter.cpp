#include "refkit/pool/sqlite_adapter.hpp"

#include <utility>
#include <vector>

namespace squall::refkit {

template class PoolCore<SqliteAdapter, asio::steady_timer>;
template class ConnectionPool<SqliteAdapter>;

namespace {

Task<bool> succeeds(SqliteConnection& connection, std::string sql, Instant deadline)
{
    std::vector<SqliteValue> no_parameters;
    const auto done = co_await connection.execute(std::move(sql), std::move(no_parameters), deadline);
    co_return done.has_value() && !connection.condition().in_transaction;
}

} // namespace

void SqliteAdapter::configure(const PoolParams& params)
{
    reset_on_return = params.reset_on_return;
    custom_reset = params.custom_reset;
    if (params.statement_timeout) {
        database.statement_timeout = params.statement_timeout;
    }
}

Task<Result<void>> SqliteAdapter::dial(Connection& connection, Instant deadline) const
{
    const auto opened = co_await connection.open(database, deadline);
    if (!opened) {
        co_return Error::saying(opened.error().message);
    }
    co_return Result<void>();
}

Task<bool> SqliteAdapter::validate(Connection& connection, Instant deadline) const
{
    return succeeds(connection, "SELECT 1", deadline);
}

Task<bool> SqliteAdapter::reset(Connection& connection, Instant deadline) const
{
    const auto rolled_back = co_await connection.roll_back(deadline);
    bool good = rolled_back.has_value();
    if (good && reset_on_return == ResetOnReturn::custom) {
        good = co_await succeeds(connection, custom_reset, deadline);
    }
    co_return good;
}

ReturnedAs SqliteAdapter::condition(const Connection& connection) const
{
    const auto now = connection.condition();
    if (!now.open) {
        return ReturnedAs::broken;
    }
    return now.working || now.in_transaction ? ReturnedAs::dirty : ReturnedAs::clean;
}

Task<void> SqliteAdapter::take_leave(Connection& connection, Instant deadline) const
{
    co_await connection.close_gently(deadline);
}

} // namespace squall::refkit
