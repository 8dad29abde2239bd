// One operation on an open connection: prepare where needed, send, read the answers.
#include "drivers/postgres_session.hpp"

#include "drivers/postgres_failure.hpp"
#include "wire/postgres_error.hpp"
#include "wire/postgres_rows.hpp"

#include <algorithm>
#include <cstring>

namespace squall::drivers {
namespace {

using measure::ErrorKind;

constexpr std::uint64_t answer_limit = std::uint64_t{64} * 1024 * 1024;
constexpr unsigned reads_a_turn = 64;

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
    if (!failure && connection && request.listen != nullptr) {
        failure = co_await await_notifications(*request.listen, exchange);
        co_return failure;
    }
    if (failure || !connection || request.statements.empty()) {
        co_return failure;
    }
    stage_ = Stage::exchanging;
    if (needs_preparing(request)) {
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
    if (request.statements.size() > 1) {
        failure = co_await collect_pipeline(request.statements.size(), exchange);
    } else {
        failure = co_await collect(request.rows, &exchange);
    }
    pass(exchange, exchange.phases.receiving);
    co_return failure;
}

bool PostgresClient::State::wants_other_timeout(const PostgresRequest& request) const
{
    // A failed transaction takes nothing but its end.
    return request.statement_timeout != statement_timeout_ && PQtransactionStatus(connection.get()) != PQTRANS_INERROR;
}

bool PostgresClient::State::is_unprepared(const PostgresStatement& statement) const
{
    return statement.name != nullptr && !prepared_.contains(statement.name);
}

bool PostgresClient::State::needs_preparing(const PostgresRequest& request) const
{
    return wants_other_timeout(request) ||
           std::ranges::any_of(request.statements, [this](const auto& statement) { return is_unprepared(statement); });
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
        fresh_ = true;
        if (PQsendQuery(connection.get(), sql.c_str()) == 0) {
            co_return lost();
        }
        failure = co_await collect(nullptr, nullptr);
        if (failure) {
            co_return failure;
        }
        statement_timeout_ = request.statement_timeout;
    }
    for (const auto& statement : request.statements) {
        if (failure || !is_unprepared(statement)) {
            continue;
        }
        fresh_ = true;
        if (PQsendPrepare(connection.get(), statement.name, statement.sql, 0, nullptr) == 0) {
            co_return lost();
        }
        failure = co_await collect(nullptr, nullptr);
        if (!failure) {
            prepared_.emplace(statement.name);
        }
    }
    co_return failure;
}

bool PostgresClient::State::send(const PostgresRequest& request, PostgresExchange& exchange)
{
    auto* const handle = connection.get();
    const bool in_pipeline = request.statements.size() > 1;
    fresh_ = true;
    if (in_pipeline && PQenterPipelineMode(handle) == 0) {
        return false;
    }
    for (const auto& statement : request.statements) {
        exchange.bytes_sent += std::strlen(statement.name != nullptr ? statement.name : statement.sql);
        for (const char* value : statement.values) {
            exchange.bytes_sent += std::strlen(value);
        }
        if (!send(statement, in_pipeline)) {
            return false;
        }
    }
    return !in_pipeline || PQpipelineSync(handle) == 1;
}

bool PostgresClient::State::send(const PostgresStatement& statement, bool in_pipeline)
{
    auto* const handle = connection.get();
    const auto count = static_cast<int>(statement.values.size());
    const auto* const values = statement.values.data();
    if (statement.name != nullptr) {
        return PQsendQueryPrepared(handle, statement.name, count, values, nullptr, nullptr, 0) == 1;
    }
    if (count == 0 && !in_pipeline) {
        return PQsendQuery(handle, statement.sql) == 1;
    }
    return PQsendQueryParams(handle, statement.sql, count, nullptr, values, nullptr, nullptr, 0) == 1;
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

wire::Flow<Failure> PostgresClient::State::read_some(PostgresExchange* exchange)
{
    // A server that never lets us wait must not keep the thread from its other users.
    if (++reads_ % reads_a_turn == 0) {
        co_await context_.events.wakes.turn();
        if (abort_ != Abort::none) {
            co_return abort_failure();
        }
    }
    // The edge of what the last read has left is used up; what is sent after a question is an edge of its own.
    std::size_t waiting = fresh_ ? 0 : unread();
    if (waiting == 0) {
        const error_code error = co_await watch_.readable();
        if (error || abort_ != Abort::none) {
            co_return abort_failure();
        }
        if (exchange != nullptr && exchange->phases.waiting == Duration::zero()) {
            pass(*exchange, exchange->phases.waiting);
        }
        waiting = fresh_ ? 0 : unread();
    }
    fresh_ = false;
    seen_waiting_ += waiting;
    watch_.reading();
    if (PQconsumeInput(connection.get()) == 0) {
        co_return lost();
    }
    co_return Failure{};
}

wire::Flow<Failure> PostgresClient::State::collect(CopyRows* rows, PostgresExchange* exchange)
{
    Failure failed;
    for (;;) {
        std::uint64_t begun = 0; // looked at from the second read on: most answers need one
        for (int reads = 0; PQisBusy(connection.get()) != 0; ++reads) {
            begun = reads == 1 ? received() : begun;
            if (reads > 1 && received() - begun > answer_limit) {
                drop();
                co_return Failure{ErrorKind::response_too_large, "the answer is larger than 64 MiB"};
            }
            Failure failure = co_await read_some(exchange);
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
            Failure failure = co_await copy(status, rows, exchange);
            if (!connection || abort_ != Abort::none) {
                co_return failure;
            }
            failed = failed ? failed : failure;
        } else if (!is_failure(status)) {
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

wire::Flow<Failure> PostgresClient::State::collect_pipeline(std::size_t statements, PostgresExchange& exchange)
{
    Failure failed;
    for (std::size_t number = 1; number <= statements; ++number) {
        Failure failure = co_await collect(nullptr, &exchange);
        if (!connection || abort_ != Abort::none) {
            co_return failed ? failed : failure;
        }
        if (failure && !failed) {
            failed = {failure.kind, fmt::format("statement {} of {}: {}", number, statements, failure.text)};
        }
    }
    // The end of the pipeline is an answer of its own.
    while (PQisBusy(connection.get()) != 0) {
        Failure failure = co_await read_some(&exchange);
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
