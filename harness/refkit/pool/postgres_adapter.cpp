#include "refkit/pool/postgres_adapter.hpp"

#include <utility>
#include <vector>

namespace squall::refkit {

template class PoolCore<PostgresAdapter, asio::steady_timer>;
template class ConnectionPool<PostgresAdapter>;

namespace {

constexpr std::string_view to_validate = "SELECT 1";
constexpr std::string_view to_reset = "ROLLBACK";

Task<bool> succeeds(wire::PostgresConnection& connection, std::string sql, Instant deadline)
{
    std::vector<std::string> no_parameters;
    const auto answer = co_await connection.query(std::move(sql), std::move(no_parameters), deadline);
    co_return answer.has_value() && connection.transaction_status() == wire::TransactionStatus::idle;
}

} // namespace

Task<Result<void>> PostgresAdapter::dial(Connection& connection, Instant deadline) const
{
    const auto dialed = co_await connection.connect(conninfo, deadline);
    if (!dialed) {
        co_return Error::saying(dialed.error().message);
    }
    co_return Result<void>();
}

Task<bool> PostgresAdapter::validate(Connection& connection, Instant deadline) const
{
    return succeeds(connection, std::string(to_validate), deadline);
}

Task<bool> PostgresAdapter::reset(Connection& connection, Instant deadline) const
{
    return succeeds(connection, std::string(to_reset), deadline);
}

ReturnedAs PostgresAdapter::condition(const Connection& connection) const
{
    if (!connection.is_open()) {
        return ReturnedAs::broken;
    }
    switch (connection.transaction_status()) {
    case wire::TransactionStatus::idle:
        return ReturnedAs::clean;
    case wire::TransactionStatus::in_transaction:
    case wire::TransactionStatus::in_error:
        return ReturnedAs::dirty;
    case wire::TransactionStatus::active:
    case wire::TransactionStatus::unknown:
        break;
    }
    return ReturnedAs::broken;
}

} // namespace squall::refkit
