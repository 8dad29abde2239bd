#include "refkit/pool/postgres_adapter.hpp"

#include "refkit/pool/abandoned.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>
#include <vector>

namespace squall::refkit {

template class PoolCore<PostgresAdapter, asio::steady_timer>;
template class ConnectionPool<PostgresAdapter>;

namespace {

using wire::TransactionStatus;

constexpr std::string_view to_validate = "SELECT 1";
constexpr std::string_view to_roll_back = "ROLLBACK";
constexpr std::string_view to_discard = "DISCARD ALL";

Task<bool> succeeds(wire::PostgresConnection& connection, std::string sql, Instant deadline)
{
    std::vector<std::string> no_parameters;
    const auto answer = co_await connection.query(std::move(sql), std::move(no_parameters), deadline);
    co_return answer.has_value() && connection.transaction_status() == TransactionStatus::idle;
}

/// Out of any statement and transaction.
Task<bool> comes_to_rest(wire::PostgresConnection& connection, Instant deadline)
{
    if (connection.transaction_status() == TransactionStatus::active) {
        const bool over = co_await cancel_abandoned(connection, deadline);
        if (!over) {
            co_return false;
        }
        // A proxy may have closed the cancel request's connection too early: better this is hit than the next user.
        const bool unharmed = co_await succeeds(connection, std::string(to_roll_back), deadline);
        co_return unharmed;
    }
    if (connection.transaction_status() != TransactionStatus::idle) {
        const bool rolled_back = co_await succeeds(connection, std::string(to_roll_back), deadline);
        co_return rolled_back;
    }
    co_return true;
}

} // namespace

void PostgresAdapter::configure(const PoolParams& params)
{
    reset_on_return = params.reset_on_return;
    custom_reset = params.custom_reset;
    if (params.statement_timeout) {
        const auto whole = std::chrono::ceil<std::chrono::milliseconds>(*params.statement_timeout);
        set_statement_timeout = fmt::format("SET statement_timeout = {}", whole.count());
    }
}

PostgresAdapter::Connection PostgresAdapter::make(const asio::any_io_executor& executor) const
{
    Connection connection(executor);
    connection.keep_abandoned();
    return connection;
}

Task<Result<void>> PostgresAdapter::dial(Connection& connection, Instant deadline) const
{
    const auto dialed = co_await connection.connect(conninfo, deadline);
    if (!dialed) {
        co_return Error::saying(dialed.error().message);
    }
    if (!set_statement_timeout.empty()) {
        const bool set = co_await succeeds(connection, set_statement_timeout, deadline);
        if (!set) {
            co_return fail("the server does not take \"{}\"", set_statement_timeout);
        }
    }
    co_return Result<void>();
}

Task<bool> PostgresAdapter::validate(Connection& connection, Instant deadline) const
{
    return succeeds(connection, std::string(to_validate), deadline);
}

Task<bool> PostgresAdapter::reset(Connection& connection, Instant deadline) const
{
    bool good = co_await comes_to_rest(connection, deadline);
    if (good && reset_on_return == ResetOnReturn::discard_all) {
        good = co_await succeeds(connection, std::string(to_discard), deadline);
        if (good && !set_statement_timeout.empty()) {
            good = co_await succeeds(connection, set_statement_timeout, deadline);
        }
    }
    if (good && reset_on_return == ResetOnReturn::custom) {
        good = co_await succeeds(connection, custom_reset, deadline);
    }
    co_return good;
}

ReturnedAs PostgresAdapter::condition(const Connection& connection) const
{
    if (!connection.is_open()) {
        return ReturnedAs::broken;
    }
    switch (connection.transaction_status()) {
    case TransactionStatus::idle:
        return ReturnedAs::clean;
    case TransactionStatus::in_transaction:
    case TransactionStatus::in_error:
    case TransactionStatus::active:
        return ReturnedAs::dirty;
    case TransactionStatus::unknown:
        break;
    }
    return ReturnedAs::broken;
}

Task<void> PostgresAdapter::take_leave(Connection& connection, Instant deadline) const
{
    if (connection.is_open() && connection.transaction_status() == TransactionStatus::active) {
        co_await connection.request_cancel(deadline);
    }
}

} // namespace squall::refkit
