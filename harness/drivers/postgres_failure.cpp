#include "drivers/postgres_failure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace squall::drivers {
namespace {

using measure::ErrorKind;

bool mentions(std::string_view text, std::initializer_list<std::string_view> words)
{
    return std::any_of(words.begin(), words.end(),
                       [text](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

bool is_full(const wire::PostgresError& error)
{
    // PgBouncer has no SQLSTATE of its own for it.
    return error.sqlstate == "53300" || mentions(error.message, {"no more connections allowed", "too many clients"});
}

std::string told(const wire::PostgresError& error)
{
    return error.sqlstate.empty() ? error.message : fmt::format("{} (SQLSTATE {})", error.message, error.sqlstate);
}

/// libpq says in words alone how a connection went wrong.
ErrorKind kind_of_break(std::string_view message)
{
    if (mentions(message, {"Too many open files", "Cannot assign requested address", "No buffer space"})) {
        return ErrorKind::local_limit;
    }
    if (mentions(message, {"invalid response to SSL", "expected authentication request", "lost synchronization",
                           "unexpected message", "message contents do not agree", "unexpected response",
                           "invalid message", "insufficient data", "unexpected character"})) {
        return ErrorKind::malformed_response;
    }
    if (mentions(message, {"SSL", "certificate"}) && !mentions(message, {"SYSCALL"})) {
        return ErrorKind::tls;
    }
    return mentions(message, {"closed the connection", "EOF detected"}) ? ErrorKind::connection_closed
                                                                        : ErrorKind::connection_reset;
}

} // namespace

Failure postgres_connect_failure(const wire::PostgresError& error)
{
    using Kind = wire::PostgresError::Kind;
    if (is_full(error)) {
        return {ErrorKind::connection_refused, fmt::format("too many clients: {}", told(error))};
    }
    auto kind = kind_of_break(error.message);
    if (error.kind == Kind::timeout) {
        kind = ErrorKind::connect_timeout;
    } else if (error.kind == Kind::authentication && kind != ErrorKind::malformed_response) {
        kind = ErrorKind::authentication;
    } else if (error.kind == Kind::refused && kind != ErrorKind::local_limit) {
        kind = mentions(error.message, {"timed out", "timeout"}) ? ErrorKind::connect_timeout
                                                                 : ErrorKind::connection_refused;
    } else if (error.sqlstate.starts_with("57P")) {
        kind = ErrorKind::connection_refused; // starting up, shutting down
    } else if (!error.sqlstate.empty()) {
        kind = ErrorKind::query;
    }
    return {kind, fmt::format("cannot connect: {}", told(error))};
}

Failure postgres_query_failure(const wire::PostgresError& error, bool lost)
{
    if (is_full(error)) {
        return {ErrorKind::connection_refused, fmt::format("too many clients: {}", told(error))};
    }
    if (lost) {
        const auto kind = error.sqlstate.empty() ? kind_of_break(error.message) : ErrorKind::connection_closed;
        return {kind, fmt::format("the connection was lost: {}", told(error))};
    }
    if (error.sqlstate == "57014") {
        return {ErrorKind::timeout, told(error)};
    }
    return {error.kind == wire::PostgresError::Kind::authentication ? ErrorKind::authentication : ErrorKind::query,
            told(error)};
}

} // namespace squall::drivers
