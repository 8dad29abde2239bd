// One operation on an open connection: prepare where needed, send, read the answers.
#include "drivers/postgres_session.hpp"

#include "drivers/postgres_failure.hpp"
#include "wire/postgres_error.hpp"
#include "wire/postgres_rows.hpp"

#include <cstring>

namespace squall::drivers {
namespace {

using measure::ErrorKind;

constexpr std::size_t answer_limit = 64U * 1024 * 1024;

bool is_copy(ExecStatusType status)
{
    return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

bool is_failure(ExecStatusType status)
{
    return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE || status == PGRES_PIPELINE_ABORTED;
}

} // namespace

wire::Flow<Failure> PostgresClient::State::exchange(const PostgresRequest& request, PostgresExchange& exchange)
{
    Failure failure;
    if (connection && (database_ != request.database || PQstatus(connection.get()) == CONNECTION_BAD)) {
        drop();
    }
    if (!connection) {
        failure = co_await open(request, exchange);
    }
    if (failure || !connection || request.sql == nullptr) {
        co_return failure;
    }
    stage_ = Stage::exchanging;
    const bool unprepared = request.name != nullptr && !prepared_.contains(request.name);
    if (unprepared || wants_other_timeout(request)) {
        failure = co_await prepare(request);
    }
    if (!failure && !send(request, exchange)) {
        failure = lost();
    }
    if (!failure && PQflush(connection.get()) != 0) {
        failure = co_await flush();
    }
    pass(exchange, exchange.phases.sending);
    if (failure) {
        co_return failure;
    }
    if (request.copies > 1) {
        failure = co_await collect_pipeline(request.copies, exchange);
    } else {
        failure = co_await collect(&exchange);
    }
    pass(exchange, exchange.phases.receiving);
    co_return failure;
}

bool PostgresClient::State::wants_other_timeout(const PostgresRequest& request) const
{
    // A failed transaction takes nothing but its end.
    return request.statement_timeout != statement_timeout_ && PQtransactionStatus(connection.get()) != PQTRANS_INERROR;
}

wire::Flow<Failure> PostgresClient::State::prepare(const PostgresRequest& request)
{
    Failure failure;
    if (wants_other_timeout(request)) {
        std::string sql = "RESET statement_timeout";
        if (request.statement_timeout) {
            const auto length = std::chrono::ceil<std::chrono::milliseconds>(*request.statement_timeout);
            sql = fmt::format("SET statement_timeout = {}", length.count());
        }
        if (PQsendQuery(connection.get(), sql.c_str()) == 0) {
            co_return lost();
        }
        failure = co_await collect(nullptr);
        if (failure) {
            co_return failure;
        }
        statement_timeout_ = request.statement_timeout;
    }
    if (request.name != nullptr && !prepared_.contains(request.name)) {
        if (PQsendPrepare(connection.get(), request.name, request.sql, 0, nullptr) == 0) {
            co_return lost();
        }
        failure = co_await collect(nullptr);
        if (!failure) {
            prepared_.emplace(request.name);
        }
    }
    co_return failure;
}

bool PostgresClient::State::send(const PostgresRequest& request, PostgresExchange& exchange)
{
    auto* const handle = connection.get();
    const auto copies = static_cast<std::size_t>(request.copies);
    const std::size_t count = request.values.size() / copies;
    const std::size_t statement_size = request.name != nullptr ? std::strlen(request.name) : std::strlen(request.sql);
    exchange.bytes_sent += copies * statement_size;
    for (const char* value : request.values) {
        exchange.bytes_sent += std::strlen(value);
    }
    if (copies > 1 && PQenterPipelineMode(handle) == 0) {
        return false;
    }
    for (std::size_t copy = 0; copy < copies; ++copy) {
        const auto* values = count == 0 ? nullptr : request.values.data() + copy * count;
        int sent = 0;
        if (request.name != nullptr) {
            sent = PQsendQueryPrepared(handle, request.name, static_cast<int>(count), values, nullptr, nullptr, 0);
        } else if (count == 0 && copies == 1) {
            sent = PQsendQuery(handle, request.sql);
        } else {
            sent =
                PQsendQueryParams(handle, request.sql, static_cast<int>(count), nullptr, values, nullptr, nullptr, 0);
        }
        if (sent == 0) {
            return false;
        }
    }
    return copies == 1 || PQpipelineSync(handle) == 1;
}

wire::Flow<Failure> PostgresClient::State::flush()
{
    for (;;) {
        const int left = PQflush(connection.get());
        if (left == 0) {
            co_return Failure{};
        }
        if (left < 0) {
            co_return lost();
        }
        // A server that answers while it is still sent to must be read, or both would wait for ever.
        watch_.blocked_in_writing();
        watch_.reading();
        if (PQconsumeInput(connection.get()) == 0) {
            co_return lost();
        }
        if (unread() > 0) {
            continue;
        }
        const error_code error = co_await watch_.readable_or_writable();
        if (error || abort_ != Abort::none) {
            co_return abort_failure();
        }
    }
}

wire::Flow<Failure> PostgresClient::State::await_result(PostgresExchange* exchange)
{
    std::size_t read = 0;
    std::size_t waiting = 0;
    while (PQisBusy(connection.get()) != 0) {
        if (waiting == 0) {
            const error_code error = co_await watch_.readable();
            if (error || abort_ != Abort::none) {
                co_return abort_failure();
            }
            if (exchange != nullptr && read == 0 && exchange->phases.waiting == Duration::zero()) {
                pass(*exchange, exchange->phases.waiting);
            }
        }
        watch_.reading();
        if (PQconsumeInput(connection.get()) == 0) {
            co_return lost();
        }
        if (PQisBusy(connection.get()) == 0) {
            break;
        }
        waiting = unread();
        read += waiting;
        if (read > answer_limit) {
            drop();
            co_return Failure{ErrorKind::response_too_large, "the answer is larger than 64 MiB"};
        }
    }
    co_return Failure{};
}

wire::Flow<Failure> PostgresClient::State::collect(PostgresExchange* exchange)
{
    Failure failed;
    for (;;) {
        if (PQisBusy(connection.get()) != 0) {
            Failure failure = co_await await_result(exchange);
            if (failure) {
                co_return failure;
            }
        }
        wire::ResultPointer result(PQgetResult(connection.get()));
        if (!result) {
            break;
        }
        const auto status = PQresultStatus(result.get());
        if (is_copy(status)) {
            drop();
            co_return Failure{ErrorKind::query, "COPY is not spoken by this step; the connection was closed"};
        }
        if (!is_failure(status)) {
            take(std::move(result), exchange);
        } else if (!failed) {
            const bool gone = PQstatus(connection.get()) == CONNECTION_BAD;
            failed = postgres_query_failure(wire::read_error(result.get()), gone);
        }
    }
    if (PQstatus(connection.get()) == CONNECTION_BAD) {
        if (!failed) {
            failed = lost();
        }
        drop();
    }
    co_return failed;
}

wire::Flow<Failure> PostgresClient::State::collect_pipeline(int copies, PostgresExchange& exchange)
{
    Failure failed;
    for (int copy = 0; copy < copies; ++copy) {
        Failure failure = co_await collect(&exchange);
        if (!failed) {
            failed = std::move(failure);
        }
        if (!connection || abort_ != Abort::none) {
            co_return failed;
        }
    }
    // The end of the pipeline is an answer of its own.
    if (PQisBusy(connection.get()) != 0) {
        Failure failure = co_await await_result(&exchange);
        if (failure) {
            co_return failed ? failed : failure;
        }
    }
    const wire::ResultPointer end(PQgetResult(connection.get()));
    if (PQresultStatus(end.get()) != PGRES_PIPELINE_SYNC || PQexitPipelineMode(connection.get()) == 0) {
        drop();
        co_return failed ? failed : Failure{ErrorKind::malformed_response, "the pipeline had no end"};
    }
    co_return failed;
}

Failure PostgresClient::State::lost()
{
    auto* const handle = connection.get();
    auto error = wire::make_error(wire::PostgresError::Kind::broken, PQerrorMessage(handle));
    // What the server said before it went says more than that it went.
    if (PQstatus(handle) == CONNECTION_BAD) {
        const wire::ResultPointer last(PQgetResult(handle));
        if (last && is_failure(PQresultStatus(last.get()))) {
            error = wire::read_error(last.get());
        }
    }
    auto failure = postgres_query_failure(error, true);
    drop();
    return failure;
}

} // namespace squall::drivers
