// How a PostgresClient gets its connection: name lookup, TCP, TLS, login.
#include "drivers/postgres_failure.hpp"
#include "drivers/postgres_session.hpp"
#include "wire/flow_bridge.hpp"
#include "wire/postgres_error.hpp"

namespace squall::drivers {
namespace {

using measure::ErrorKind;

void ignore_notice(void* /*context*/, const PGresult* /*notice*/) {}

PGconn* start(const wire::PostgresParameters& parameters)
{
    std::vector<const char*> keywords;
    std::vector<const char*> values;
    for (const auto& [keyword, value] : parameters) {
        keywords.push_back(keyword.c_str());
        values.push_back(value.c_str());
    }
    keywords.push_back(nullptr);
    values.push_back(nullptr);
    return PQconnectStartParams(keywords.data(), values.data(), 0);
}

/// TCP is open, or was.
bool is_reached(ConnStatusType status)
{
    return status > CONNECTION_STARTED && status != CONNECTION_NEEDED;
}

} // namespace

bool PostgresTarget::is_single() const
{
    const auto host = parameters.find("host");
    const auto address = parameters.find("hostaddr");
    const bool local = host != parameters.end() && (host->second.starts_with('/') || host->second.starts_with('@'));
    return !local && address != parameters.end() && address->second.find(',') == std::string::npos;
}

wire::Flow<Failure> PostgresClient::State::open(const PostgresRequest& request, PostgresExchange& exchange)
{
    auto target = context_.target(request.database);
    if (!target) {
        co_return Failure{ErrorKind::internal, target.error().message};
    }
    const auto parsed = *target; // lives on, whatever becomes of the context's list
    Failure failure;
    if (!parsed->resolved) {
        stage_ = Stage::resolving;
        failure = co_await look_up(*parsed);
    }
    if (failure) {
        co_return failure;
    }
    stage_ = Stage::connecting;
    connection.reset(start(parsed->parameters));
    if (!connection) {
        co_return Failure{ErrorKind::local_limit, "out of memory"};
    }
    PQsetNoticeReceiver(connection.get(), &ignore_notice, nullptr);
    // Only a verbose message carries the SQLSTATE of a refused connect.
    PQsetErrorVerbosity(connection.get(), PQERRORS_VERBOSE);
    failure = co_await handshake(*parsed, exchange);
    if (failure || abort_ != Abort::none) {
        drop();
        co_return failure;
    }
    PQsetErrorVerbosity(connection.get(), PQERRORS_DEFAULT);
    PQsetnonblocking(connection.get(), 1);
    database_ = request.database;
    exchange.new_connection = true;
    co_return failure;
}

wire::Flow<Failure> PostgresClient::State::look_up(PostgresTarget& target)
{
    std::optional<wire::PostgresResult<wire::PostgresParameters>> found;
    try {
        auto addresses = co_await wire::TaskInFlow(
            context_.events.executor(), wire::with_addresses(target.parameters, deadline_), lookup_cancel_.slot());
        found.emplace(std::move(addresses));
    } catch (const boost::system::system_error&) {
        found.emplace(wire::make_error(wire::PostgresError::Kind::refused, "the lookup was given up"));
    }
    if (abort_ != Abort::none) {
        co_return abort_failure();
    }
    if (found->has_error()) {
        co_return Failure{ErrorKind::dns, found->error().message};
    }
    target.parameters = std::move(found->value());
    target.resolved = true;
    co_return Failure{};
}

wire::Flow<Failure> PostgresClient::State::handshake(const PostgresTarget& target, PostgresExchange& exchange)
{
    auto* const handle = connection.get();
    const bool single = target.is_single();
    auto next = PGRES_POLLING_WRITING;
    bool reached = false;
    while (PQstatus(handle) != CONNECTION_BAD && next != PGRES_POLLING_FAILED && next != PGRES_POLLING_OK) {
        const error_code error = co_await await_step(next, single);
        if (abort_ != Abort::none) {
            co_return abort_failure();
        }
        if (error) {
            co_return Failure{ErrorKind::local_limit, error.message()};
        }
        watch_.reading();
        const bool before = is_reached(PQstatus(handle));
        next = PQconnectPoll(handle);
        reached = reached || before || is_reached(PQstatus(handle));
        pass(exchange, before ? exchange.phases.tls_handshaking : exchange.phases.connecting);
        stage_ = reached ? Stage::handshaking : Stage::connecting;
    }
    if (next == PGRES_POLLING_OK) {
        co_return Failure{};
    }
    co_return postgres_connect_failure(wire::connect_error(PQerrorMessage(handle), reached));
}

wire::Flow<error_code> PostgresClient::State::await_step(PostgresPollingStatusType next, bool single)
{
    const auto status = PQstatus(connection.get());
    if (single && status == CONNECTION_MADE) {
        co_return error_code(); // of a socket that nothing was sent over, or all of which has been answered
    }
    const bool reads = next == PGRES_POLLING_READING;
    // libpq may have closed its socket and opened another of the same number; with one address it says so.
    if (!single || status == CONNECTION_STARTED || !reads) {
        const error_code error = watch_.follow(PQsocket(connection.get()));
        if (error) {
            co_return error;
        }
    } else if (unread() > 0) {
        co_return error_code();
    }
    error_code error;
    if (reads) {
        error = co_await watch_.readable();
    } else {
        error = co_await watch_.writable();
    }
    co_return error;
}

} // namespace squall::drivers
