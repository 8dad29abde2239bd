// One PostgreSQL connection: libpq in non-blocking mode on an Asio executor. Also speaks to PgBouncer's admin console.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "wire/task.hpp"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace squall::wire {

/// Why a connection or a query failed.
struct PostgresError {
    enum class Kind { refused, timeout, authentication, server, broken };
    Kind kind = Kind::broken;
    std::string sqlstate; // five characters where the server said one
    std::string message;
};

/// Text values; a NULL is nothing.
struct PostgresRows {
    std::vector<std::string> columns;
    std::vector<std::vector<std::optional<std::string>>> rows;
    std::string command_tag;

    /// Column index by name; nothing when the answer has no such column.
    [[nodiscard]] std::optional<std::size_t> column(std::string_view name) const;
};

/// Found by Boost.System when .value() is called on a failure.
[[noreturn]] inline void throw_exception_from_error(const PostgresError& error, const boost::source_location& /*where*/)
{
    throw std::runtime_error(error.message);
}

template <typename T>
using PostgresResult = boost::system::result<T, PostgresError>;

/// What PQtransactionStatus says.
enum class TransactionStatus { idle, active, in_transaction, in_error, unknown };

/// Used from one thread (its executor's); one operation at a time. Destruction closes the socket at once
/// (with a Terminate message where it can be sent without waiting). In a fork of the process that opened it, it can
/// only be closed, and the server hears nothing of that.
class PostgresConnection {
public:
    explicit PostgresConnection(asio::any_io_executor executor);
    ~PostgresConnection();
    PostgresConnection(PostgresConnection&&) noexcept;
    PostgresConnection& operator=(PostgresConnection&&) noexcept;

    /// `conninfo` is a libpq URL or keyword string. Never blocks; on failure the connection is closed.
    Task<PostgresResult<void>> connect(std::string conninfo, Instant deadline);

    /// Simple protocol without parameters, extended with; the last result of several. A deadline passed closes the
    /// connection (its state would be unknown).
    Task<PostgresResult<PostgresRows>> query(std::string sql, std::vector<std::string> parameters, Instant deadline);

    /// From now on a query that is given up (its deadline passed, or its coroutine was cancelled) leaves the connection
    /// open and its transaction_status() active: nothing can be asked of it before recover().
    void keep_abandoned() { keeps_abandoned_ = true; }
    /// Cancels what was given up and reads its answer to the end. The connection is closed when that fails, also when
    /// the cancel request may still be under way: one that comes late would hit whatever runs then.
    Task<PostgresResult<void>> recover(Instant deadline);
    /// Its halves. True once the request has been delivered and can hit nothing that is sent later; nothing is closed.
    Task<bool> request_cancel(Instant deadline);
    /// Reads what was given up to its end, whatever it is; false when the connection was lost or closed over it.
    Task<bool> read_abandoned(Instant deadline);

    /// Asks the server to cancel what runs (a blocking call of libpq's: used off the hot path), then drains the answer.
    Task<PostgresResult<void>> cancel(Instant deadline);

    [[nodiscard]] bool is_open() const;
    [[nodiscard]] TransactionStatus transaction_status() const;
    [[nodiscard]] int backend_pid() const;
    void close();

private:
    struct State;
    std::unique_ptr<State> state_;
    bool keeps_abandoned_ = false;
};

[[nodiscard]] std::string_view to_string(PostgresError::Kind kind);

} // namespace squall::wire
