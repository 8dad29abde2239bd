// COPY FROM STDIN and TO STDOUT, in pieces of bounded size.
#include "drivers/postgres_session.hpp"

namespace squall::drivers {
namespace {

using measure::ErrorKind;

constexpr std::size_t piece_size = std::size_t{16} * 1024;
constexpr int pieces_a_turn = 64;

struct FreeMemory {
    void operator()(char* memory) const { PQfreemem(memory); }
};

} // namespace

wire::Flow<Failure> PostgresClient::State::copy(ExecStatusType direction, CopyRows* rows, PostgresExchange* exchange)
{
    Failure failure;
    if (PQpipelineStatus(connection.get()) != PQ_PIPELINE_OFF || exchange == nullptr || direction == PGRES_COPY_BOTH) {
        drop();
        failure = {ErrorKind::query, "COPY cannot stand in a pipeline; the connection was closed"};
    } else if (direction == PGRES_COPY_OUT) {
        failure = co_await copy_out(*exchange);
    } else if (rows != nullptr) {
        failure = co_await copy_in(*rows, *exchange);
    } else {
        failure = {ErrorKind::query, "COPY … FROM STDIN was given no rows; expected copy = { rows = …, row = … }"};
        if (PQputCopyEnd(connection.get(), "no rows were given") != 1) {
            failure = lost();
        } else if (PQflush(connection.get()) != 0) {
            Failure unsent = co_await flush();
            failure = unsent ? unsent : failure;
        }
    }
    co_return failure;
}

wire::Flow<Failure> PostgresClient::State::copy_in(CopyRows& rows, PostgresExchange& exchange)
{
    std::string piece;
    bool more = true;
    for (int pieces = 1; more; ++pieces) {
        piece.clear();
        while (more && piece.size() < piece_size) {
            more = rows.append_next(piece);
        }
        // libpq would keep all that the server has not taken yet.
        if (!piece.empty() && PQputCopyData(connection.get(), piece.data(), static_cast<int>(piece.size())) != 1) {
            co_return lost();
        }
        exchange.bytes_sent += piece.size();
        Failure failure = co_await flush();
        if (failure) {
            co_return failure;
        }
        if (pieces % pieces_a_turn == 0) {
            co_await context_.events.wakes.turn();
        }
        if (abort_ != Abort::none) {
            co_return abort_failure();
        }
    }
    if (PQputCopyEnd(connection.get(), nullptr) != 1) {
        co_return lost();
    }
    Failure failure = co_await flush();
    pass(exchange, exchange.phases.sending);
    co_return failure;
}

wire::Flow<Failure> PostgresClient::State::copy_out(PostgresExchange& exchange)
{
    for (;;) {
        char* row = nullptr;
        const int size = PQgetCopyData(connection.get(), &row, 1);
        const std::unique_ptr<char, FreeMemory> keeper(row);
        if (size > 0) {
            exchange.bytes_received += static_cast<std::uint64_t>(size);
        } else if (size == -1) {
            co_return Failure{}; // how it ended is the next result
        } else if (size < 0) {
            co_return lost();
        } else {
            Failure failure = co_await read_some(&exchange);
            if (failure) {
                co_return failure;
            }
        }
    }
}

} // namespace squall::drivers
