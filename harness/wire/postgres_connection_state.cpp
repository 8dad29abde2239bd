#include "wire/postgres_connection_state.hpp"

#include "base/text.hpp"
#include "wire/postgres_error.hpp"
#include "wire/postgres_rows.hpp"

namespace squall::wire {
namespace {

using Kind = PostgresError::Kind;

void ignore_notice(void* /*context*/, const PGresult* /*notice*/) {}

std::unique_ptr<PGconn, FinishConnection> start(const PostgresParameters& parameters)
{
    std::vector<const char*> keywords;
    std::vector<const char*> values;
    for (const auto& [keyword, value] : parameters) {
        keywords.push_back(keyword.c_str());
        values.push_back(value.c_str());
    }
    keywords.push_back(nullptr);
    values.push_back(nullptr);
    return std::unique_ptr<PGconn, FinishConnection>(PQconnectStartParams(keywords.data(), values.data(), 0));
}

bool is_copy(ExecStatusType status)
{
    return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

/// A socket was open, whatever failed afterwards.
bool has_socket(ConnStatusType status)
{
    return status > CONNECTION_STARTED && status != CONNECTION_NEEDED;
}

/// A lost connection told with the server's own last words, where it had some ("terminating connection …").
PostgresError explained(PostgresError ended, const std::optional<PostgresError>& last_words)
{
    if (last_words) {
        ended.sqlstate = last_words->sqlstate;
        ended.message = last_words->message;
    }
    return ended;
}

} // namespace

void PostgresConnection::State::close()
{
    if (opened.forked() && connection && PQsocket(connection.get()) >= 0) {
        mute(PQsocket(connection.get())); // the session, and its place in the epoll, are the other process's
    }
    unwatch();
    connection.reset();
}

void PostgresConnection::State::unwatch()
{
    if (socket.is_open()) {
        socket.release();
    }
}

void PostgresConnection::State::stop_waiting()
{
    error_code ignored;
    if (socket.is_open()) {
        socket.cancel(ignored);
    }
}

std::string PostgresConnection::State::message() const
{
    return std::string(trim(PQerrorMessage(connection.get())));
}

/// Until libpq's socket is ready; an error also when the guard's deadline has passed.
Task<error_code> PostgresConnection::State::wait(Descriptor::wait_type what, const DeadlineGuard& guard)
{
    if (!connection || guard.expired()) {
        co_return asio::error::operation_aborted;
    }
    if (!socket.is_open()) {
        error_code failed;
        socket.assign(PQsocket(connection.get()), failed);
        if (failed) {
            co_return failed;
        }
    }
    const auto [error] = co_await socket.async_wait(what, use_result);
    co_return connection ? error : error_code(asio::error::operation_aborted);
}

/// Why waiting ended, told as an error; the connection is closed, unless it is to be kept.
PostgresError PostgresConnection::State::give_up(const DeadlineGuard& guard, std::string_view doing,
                                                 const error_code& error)
{
    if (!keeps_abandoned) {
        close();
    }
    if (guard.expired()) {
        return make_error(Kind::timeout, fmt::format("no answer in time while {}", doing));
    }
    return make_error(Kind::broken, fmt::format("{} was given up: {}", doing, error.message()));
}

/// libpq says that the connection is gone; it is closed.
PostgresError PostgresConnection::State::lost()
{
    auto error = make_error(Kind::broken, message());
    close();
    return error;
}

Task<PostgresResult<void>> PostgresConnection::State::establish(PostgresParameters parameters, Instant deadline)
{
    opened = ForkMark();
    connection = start(parameters);
    if (!connection) {
        co_return make_error(Kind::broken, "out of memory");
    }
    PQsetNoticeReceiver(connection.get(), &ignore_notice, nullptr);
    // Only a verbose message carries the SQLSTATE of a refused connect.
    PQsetErrorVerbosity(connection.get(), PQERRORS_VERBOSE);
    const auto ready = co_await handshake(deadline);
    if (ready) {
        PQsetErrorVerbosity(connection.get(), PQERRORS_DEFAULT);
        PQsetnonblocking(connection.get(), 1);
    }
    co_return ready;
}

Task<PostgresResult<void>> PostgresConnection::State::handshake(Instant deadline)
{
    const DeadlineGuard guard(executor, deadline, [this] { stop_waiting(); });
    auto what = Descriptor::wait_write;
    bool reached = false;
    while (PQstatus(connection.get()) != CONNECTION_BAD) {
        const auto error = co_await wait(what, guard);
        if (error) {
            co_return give_up(guard, "connecting", error);
        }
        // libpq may close its socket and open another of the same number: a watch must not outlive the step.
        unwatch();
        reached = has_socket(PQstatus(connection.get()));
        const auto next = PQconnectPoll(connection.get());
        if (next == PGRES_POLLING_OK) {
            co_return PostgresResult<void>();
        }
        if (next == PGRES_POLLING_FAILED) {
            break;
        }
        what = next == PGRES_POLLING_READING ? Descriptor::wait_read : Descriptor::wait_write;
    }
    auto failed = connect_error(PQerrorMessage(connection.get()), reached);
    close();
    co_return failed;
}

Task<PostgresResult<void>> PostgresConnection::State::flush(const DeadlineGuard& guard)
{
    for (;;) {
        const int left = PQflush(connection.get());
        if (left == 0) {
            co_return PostgresResult<void>();
        }
        if (left < 0) {
            co_return lost();
        }
        const auto error = co_await wait(Descriptor::wait_write, guard);
        if (error) {
            co_return give_up(guard, "sending a query", error);
        }
    }
}

/// Null after the last one.
Task<PostgresResult<ResultPointer>> PostgresConnection::State::next_result(const DeadlineGuard& guard)
{
    while (PQisBusy(connection.get()) != 0) {
        const auto error = co_await wait(Descriptor::wait_read, guard);
        if (error) {
            co_return give_up(guard, "waiting for a query's answer", error);
        }
        if (PQconsumeInput(connection.get()) == 0) {
            co_return lost();
        }
    }
    co_return ResultPointer(PQgetResult(connection.get()));
}

Task<PostgresResult<PostgresRows>> PostgresConnection::State::collect(Instant deadline)
{
    const DeadlineGuard guard(executor, deadline, [this] { stop_waiting(); });
    const auto sent = co_await flush(guard);
    if (!sent) {
        co_return sent.error();
    }
    PostgresRows rows;
    std::optional<PostgresError> failed;
    for (;;) {
        const auto result = co_await next_result(guard);
        if (!result) {
            co_return explained(result.error(), failed);
        }
        if (*result == nullptr) {
            break;
        }
        const auto status = PQresultStatus(result->get());
        if (is_copy(status)) {
            close();
            co_return make_error(Kind::broken, "COPY is not spoken here; the connection was closed");
        }
        if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
            failed = failed ? failed : read_error(result->get());
        } else {
            rows = read_rows(result->get());
        }
    }
    if (PQstatus(connection.get()) == CONNECTION_BAD) {
        co_return explained(lost(), failed);
    }
    if (failed) {
        co_return *failed;
    }
    co_return rows;
}

bool PostgresConnection::State::send(const std::string& sql, const std::vector<std::string>& parameters)
{
    if (parameters.empty()) {
        return PQsendQuery(connection.get(), sql.c_str()) == 1;
    }
    std::vector<const char*> values;
    values.reserve(parameters.size());
    for (const auto& parameter : parameters) {
        values.push_back(parameter.c_str());
    }
    return PQsendQueryParams(connection.get(), sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(),
                             nullptr, nullptr, 0) == 1;
}

} // namespace squall::wire
