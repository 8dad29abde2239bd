#include "wire/postgres_connection.hpp"

#include "base/text.hpp"
#include "wire/cancel_request.hpp"
#include "wire/close_unless_done.hpp"
#include "wire/postgres_connection_state.hpp"
#include "wire/postgres_error.hpp"

#include <array>
#include <utility>

namespace squall::wire {
namespace {

using Kind = PostgresError::Kind;

/// True while it lives.
class Raised {
public:
    explicit Raised(bool& flag, bool raised = true) : flag_(flag) { flag_ = raised; }
    ~Raised() { flag_ = false; }
    Raised(const Raised&) = delete;
    Raised& operator=(const Raised&) = delete;

private:
    bool& flag_;
};

} // namespace

PostgresConnection::PostgresConnection(asio::any_io_executor executor)
    : state_(std::make_unique<State>(std::move(executor)))
{}
PostgresConnection::~PostgresConnection() = default;
PostgresConnection::PostgresConnection(PostgresConnection&&) noexcept = default;
PostgresConnection& PostgresConnection::operator=(PostgresConnection&&) noexcept = default;

bool PostgresConnection::is_open() const
{
    return state_->connection != nullptr && !state_->opened.forked() &&
           PQstatus(state_->connection.get()) == CONNECTION_OK;
}

TransactionStatus PostgresConnection::transaction_status() const
{
    switch (PQtransactionStatus(state_->connection.get())) {
    case PQTRANS_IDLE:
        return TransactionStatus::idle;
    case PQTRANS_ACTIVE:
        return TransactionStatus::active;
    case PQTRANS_INTRANS:
        return TransactionStatus::in_transaction;
    case PQTRANS_INERROR:
        return TransactionStatus::in_error;
    case PQTRANS_UNKNOWN:
        break;
    }
    return TransactionStatus::unknown;
}

int PostgresConnection::backend_pid() const
{
    return PQbackendPID(state_->connection.get());
}

void PostgresConnection::close()
{
    state_->close();
}

Task<PostgresResult<void>> PostgresConnection::connect(std::string conninfo, Instant deadline)
{
    State& state = *state_;
    state.close();
    auto parsed = parse_conninfo(conninfo);
    if (!parsed) {
        co_return make_error(Kind::broken, parsed.error().message);
    }
    CloseUnlessDone closer(state);
    const auto parameters = co_await with_addresses(*parsed, deadline);
    if (!parameters) {
        co_return parameters.error();
    }
    const auto established = co_await state.establish(*parameters, deadline);
    if (!established) {
        co_return established.error();
    }
    closer.done();
    co_return PostgresResult<void>();
}

Task<PostgresResult<PostgresRows>> PostgresConnection::query(std::string sql, std::vector<std::string> parameters,
                                                             Instant deadline)
{
    State& state = *state_;
    if (!is_open()) {
        state.close();
        co_return make_error(Kind::broken, "not connected");
    }
    if (state.busy) {
        co_return make_error(Kind::broken, "another query is under way on this connection");
    }
    const Raised busy(state.busy);
    const Raised keeps(state.keeps_abandoned, keeps_abandoned_);
    CloseUnlessDone closer(state);
    if (!state.send(sql, parameters)) {
        co_return make_error(Kind::broken, state.message());
    }
    if (keeps_abandoned_) {
        closer.done();
    }
    auto rows = co_await state.collect(deadline);
    closer.done();
    co_return rows;
}

Task<bool> PostgresConnection::request_cancel(Instant deadline)
{
    if (!is_open()) {
        co_return false;
    }
    const bool delivered = co_await wire::request_cancel(state_->connection.get(), deadline);
    co_return delivered;
}

Task<bool> PostgresConnection::read_abandoned(Instant deadline)
{
    State& state = *state_;
    if (!is_open()) {
        co_return false;
    }
    CloseUnlessDone closer(state);
    const auto read = co_await state.collect(deadline);
    if (!read && read.error().kind != Kind::server) {
        co_return false;
    }
    closer.done();
    co_return is_open();
}

Task<PostgresResult<void>> PostgresConnection::recover(Instant deadline)
{
    CloseUnlessDone closer(*state_);
    const bool delivered = co_await request_cancel(deadline);
    if (!delivered) {
        co_return make_error(Kind::timeout, "the server took no cancel request; the connection was closed");
    }
    const bool whole = co_await read_abandoned(deadline);
    if (!whole) {
        co_return make_error(Kind::broken, "the answer to a cancelled query did not come; the connection was closed");
    }
    closer.done();
    co_return PostgresResult<void>();
}

Task<PostgresResult<void>> PostgresConnection::cancel(Instant deadline)
{
    State& state = *state_;
    if (!is_open()) {
        co_return make_error(Kind::broken, "not connected");
    }
    std::array<char, 256> reason{};
    PGcancel* request = PQgetCancel(state.connection.get());
    const bool asked = PQcancel(request, reason.data(), static_cast<int>(reason.size())) == 1;
    PQfreeCancel(request);
    if (!asked) {
        co_return make_error(Kind::broken, std::string(trim(reason.data())));
    }
    if (state.busy) {
        co_return PostgresResult<void>(); // the query under way drains its own answer
    }
    CloseUnlessDone closer(state);
    const auto drained = co_await state.collect(deadline);
    closer.done();
    if (!drained && !is_open()) {
        co_return drained.error();
    }
    co_return PostgresResult<void>();
}

} // namespace squall::wire
