#include "target/database.hpp"

#include "base/text.hpp"
#include "wire/postgres_parameters.hpp"

namespace squall::target {

std::string with_application_name(const std::string& conninfo, const std::string& name)
{
    auto parameters = wire::parse_conninfo(conninfo);
    if (!parameters) {
        return conninfo;
    }
    (*parameters)["application_name"] = name;
    return wire::to_conninfo(*parameters);
}

std::string one_line(std::string_view message)
{
    std::string line;
    for (const auto& part : split(message, '\n')) {
        const auto text = trim(part);
        line += (line.empty() || text.empty() ? "" : " ") + std::string(text);
    }
    return redact(line);
}

bool refused_query(const wire::PostgresError& error)
{
    return error.kind == wire::PostgresError::Kind::server && !error.sqlstate.starts_with("53") &&
           !error.sqlstate.starts_with("57");
}

Response pool_refusal(const refkit::AcquireFailure& failure)
{
    boost::json::object body;
    body["error"] = refkit::to_string(static_cast<refkit::Errc>(failure.code.value()));
    body["message"] = failure.code.message();
    body["acquired"] = failure.counts.acquired;
    body["max"] = failure.counts.max;
    body["waiters"] = failure.counts.waiters;
    if (!failure.last_connect_error.empty()) {
        body["last_connect_error"] = one_line(failure.last_connect_error);
    }
    return json_response(http::status::service_unavailable, body);
}

Response database_refusal(const wire::PostgresError& error)
{
    const bool refused = refused_query(error);
    boost::json::object body;
    body["error"] = refused ? "database_error" : "database_unavailable";
    body["message"] = one_line(error.message);
    body["sqlstate"] = error.sqlstate;
    return json_response(refused ? http::status::internal_server_error : http::status::service_unavailable, body);
}

} // namespace squall::target
