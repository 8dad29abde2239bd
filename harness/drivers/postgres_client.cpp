#include "drivers/postgres_client.hpp"

#include "base/assert.hpp"
#include "base/text.hpp"
#include "drivers/postgres_failure.hpp"
#include "drivers/postgres_pool.hpp"
#include "drivers/postgres_session.hpp"
#include "drivers/received_bytes.hpp"
#include "wire/postgres_rows.hpp"

#include <openssl/ssl.h>
#include <sys/ioctl.h>

#include <charconv>

namespace squall::drivers {
namespace {

using measure::ErrorKind;

constexpr std::size_t most_targets = 256;

/// The hosts that libpq would contact; false for one that may not be.
Result<void> check_hosts(wire::PostgresParameters& parameters, const PostgresContext& context)
{
    if (parameters["host"].empty() && parameters["hostaddr"].empty()) {
        return fail("the database's address names no host");
    }
    for (const auto* key : {"host", "hostaddr"}) {
        for (const auto& host : split(parameters[key], ',')) {
            const bool local = host.empty() || host.front() == '/' || host.front() == '@';
            if (!local && !context.may_contact(host)) {
                return fail("{} is neither loopback nor in allow_hosts; nothing was sent", host);
            }
        }
    }
    return {};
}

std::uint64_t changed_rows(PGresult* result)
{
    const std::string_view text = PQcmdTuples(result);
    std::uint64_t count = 0;
    std::from_chars(text.data(), text.data() + text.size(), count);
    return count;
}

std::uint64_t value_bytes(const PGresult* result)
{
    std::uint64_t bytes = 0;
    const int rows = PQntuples(result);
    const int columns = PQnfields(result);
    for (int row = 0; row < rows; ++row) {
        for (int column = 0; column < columns; ++column) {
            bytes += static_cast<std::uint64_t>(PQgetlength(result, row, column));
        }
    }
    return bytes;
}

} // namespace

PostgresContext::PostgresContext(wire::ThreadEvents& thread_events, const Clock& run_clock,
                                 std::function<bool(std::string_view host)> host_allowed)
    : events(thread_events),
      clock(run_clock),
      may_contact(std::move(host_allowed))
{}

PostgresContext::~PostgresContext() = default;

Result<std::shared_ptr<PostgresTarget>> PostgresContext::target(std::string_view database)
{
    if (const auto found = targets_.find(database); found != targets_.end()) {
        return found->second;
    }
    auto parsed = wire::parse_conninfo(std::string(database));
    if (!parsed) {
        return parsed.error();
    }
    if (const auto allowed = check_hosts(*parsed, *this); !allowed) {
        return allowed.error();
    }
    // Kerberos would be looked for at every connect.
    parsed->try_emplace("gssencmode", "disable");
    parsed->try_emplace("application_name", "squall");
    if (targets_.size() >= most_targets) {
        targets_.clear(); // those in use live on with their users
    }
    auto target = std::make_shared<PostgresTarget>(PostgresTarget{std::move(*parsed), false});
    targets_.emplace(database, target);
    return target;
}

PostgresPool& PostgresContext::pool(std::string_view database, std::size_t size)
{
    auto& pool = pools_[{std::string(database), size}];
    if (!pool) {
        pool = std::make_unique<PostgresPool>(*this, size);
    }
    return *pool;
}

void PostgresContext::close_shared()
{
    for (auto& [key, pool] : pools_) {
        pool->close();
    }
}

PostgresClient::PostgresClient(PostgresContext& context) : state_(std::make_shared<State>(context)) {}

PostgresClient::~PostgresClient()
{
    state_->close();
}

wire::Flow<> PostgresClient::perform(const PostgresRequest& request, PostgresExchange& exchange)
{
    return State::perform(state_, request, exchange);
}

std::optional<std::string_view> PostgresClient::value(const std::string& column) const
{
    const auto* answer = state_->answer.get();
    const int at = answer == nullptr || PQntuples(answer) == 0 ? -1 : PQfnumber(answer, column.c_str());
    if (at < 0 || PQgetisnull(answer, 0, at) != 0) {
        return std::nullopt;
    }
    return std::string_view(PQgetvalue(answer, 0, at), static_cast<std::size_t>(PQgetlength(answer, 0, at)));
}

std::string_view PostgresClient::payload() const
{
    return state_->payload;
}

void PostgresClient::forget_answer()
{
    state_->answer.reset();
    state_->payload.clear();
}

bool PostgresClient::is_open() const
{
    return state_->connection != nullptr;
}

bool PostgresClient::in_transaction() const
{
    return is_open() && PQtransactionStatus(state_->connection.get()) != PQTRANS_IDLE;
}

void PostgresClient::close()
{
    state_->close();
}

// ---- the operation's frame: deadline, abort, end ------------------------------------------------------------------

wire::Flow<> PostgresClient::State::perform(std::shared_ptr<State> self, const PostgresRequest& request,
                                            PostgresExchange& exchange)
{
    SQUALL_ASSERT(!self->performing_);
    self->performing_ = true;
    self->abort_ = Abort::none;
    self->answer.reset();
    exchange.started = request.start;
    exchange.ended = request.start;
    self->arm_deadline(request.deadline);
    Failure failure = co_await self->exchange(request, exchange);
    if (self->abort_ != Abort::none) {
        failure = self->abort_failure();
        exchange.censored = true;
        // Who waited for notifications in vain has asked for nothing that could still come in.
        const bool keeps = self->abort_ == Abort::deadline && self->stage_ == Stage::listening && self->connection;
        if (!keeps || self->watch_.follow(PQsocket(self->connection.get()))) {
            self->drop();
        }
    }
    if (failure) {
        exchange.ended = self->context_.clock.now(); // otherwise the last phase's end
        exchange.error = failure.kind;
        exchange.error_text = redact(failure.text);
    }
    self->performing_ = false;
}

void PostgresClient::State::pass(PostgresExchange& exchange, Duration& phase) const
{
    const auto now = context_.clock.now();
    phase += now - exchange.ended;
    exchange.ended = now;
}

Failure PostgresClient::State::abort_failure() const
{
    if (abort_ == Abort::closed) {
        return {ErrorKind::cancelled, "the operation was given up by its user"};
    }
    switch (stage_) {
    case Stage::resolving:
        return {ErrorKind::dns, "the name lookup took longer than the step's timeout"};
    case Stage::connecting:
        return {ErrorKind::connect_timeout, "connecting took longer than the step's timeout"};
    case Stage::handshaking:
        return {ErrorKind::timeout, "logging in took longer than the step's timeout"};
    case Stage::listening:
        return {ErrorKind::timeout, "not enough notifications came within the step's timeout"};
    case Stage::exchanging:
        break;
    }
    return {ErrorKind::timeout, "the answer took longer than the step's timeout; the connection was closed"};
}

void PostgresClient::State::abort(Abort reason)
{
    abort_ = reason;
    lookup_cancel_.emit(asio::cancellation_type::terminal);
    watch_.forget();
}

void PostgresClient::State::close()
{
    if (!performing_) {
        drop();
    } else if (abort_ == Abort::none) {
        abort(Abort::closed); // the flow drops the connection
    }
    context_.events.timers.cancel(*this);
}

void PostgresClient::State::drop()
{
    answer.reset();
    watch_.forget();
    connection.reset();
    prepared_.clear();
    channels_.clear();
    notifications_.clear();
    statement_timeout_.reset();
    database_.clear();
}

// The timer is left running when an operation ends in time: setting it anew for each would cost more.
void PostgresClient::State::arm_deadline(Instant deadline)
{
    deadline_ = deadline;
    if (!is_running() || deadline < timer_at_) {
        timer_at_ = deadline;
        context_.events.timers.set(*this, deadline);
    }
}

void PostgresClient::State::on_time()
{
    if (!performing_) {
        return;
    }
    if (deadline_ > timer_at_) {
        arm_deadline(deadline_);
    } else if (abort_ == Abort::none) {
        abort(Abort::deadline);
    }
}

// ---- what libpq has read -------------------------------------------------------------------------------------------

std::size_t PostgresClient::State::unread() const
{
    int waiting = 0;
    ::ioctl(PQsocket(connection.get()), FIONREAD, &waiting);
    if (PQsslInUse(connection.get()) != 0) {
        waiting += SSL_pending(static_cast<SSL*>(PQsslStruct(connection.get(), "OpenSSL")));
    }
    return static_cast<std::size_t>(std::max(waiting, 0));
}

std::uint64_t PostgresClient::State::received() const
{
    return received_bytes(PQsocket(connection.get())).value_or(seen_waiting_);
}

void PostgresClient::State::take(wire::ResultPointer result, PostgresExchange* exchange)
{
    if (exchange == nullptr) {
        return;
    }
    const auto status = PQresultStatus(result.get());
    exchange->rows +=
        status == PGRES_TUPLES_OK ? static_cast<std::uint64_t>(PQntuples(result.get())) : changed_rows(result.get());
    exchange->bytes_received += value_bytes(result.get());
    answer = std::move(result);
}

} // namespace squall::drivers
