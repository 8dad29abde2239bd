#include "plan/bind_action.hpp"
#include "plan/globals.hpp"

#include <fmt/format.h>

#include <functional>

namespace squall::plan {
namespace {

/// The same SQL has the same name, whichever step holds it.
std::string name_of(const std::string& sql)
{
    return fmt::format("squall_{:016x}", std::hash<std::string>()(sql));
}

PostgresAction::Statement bind_statement(const scenario::PostgresStatement& statement, bool prepared,
                                         const StepPlace& at)
{
    PostgresAction::Statement bound;
    bound.sql = at.binder.bind(statement.sql, at.scope);
    for (const auto& parameter : statement.parameters) {
        bound.parameters.push_back(at.binder.bind(parameter, at.scope));
    }
    if (prepared && bound.sql.constant) {
        bound.name = name_of(*bound.sql.constant);
    } else if (prepared) {
        at.binder.report(at.place,
                         "a prepared statement is the same each time; write what varies as $1 and parameters");
    }
    return bound;
}

PostgresAction::Listen bind_listen(const scenario::PostgresListen& listen, const StepPlace& at)
{
    PostgresAction::Listen bound;
    bound.channel = at.binder.bind(listen.channel, at.scope);
    bound.notifications = static_cast<std::uint64_t>(listen.notifications);
    if (listen.payload) {
        bound.payload = at.binder.bind(*listen.payload, at.scope);
    }
    return bound;
}

} // namespace

PostgresAction bind_action(const scenario::PostgresStep& postgres, const StepPlace& at)
{
    PostgresAction action;
    for (const auto& statement : postgres.statements) {
        action.statements.push_back(bind_statement(statement, postgres.prepared, at));
    }
    action.pattern = postgres.pattern;
    if (postgres.listen) {
        action.listen = bind_listen(*postgres.listen, at);
    }
    action.database = at.binder.bind(postgres.database, at.scope);
    if (!action.database.segments.empty()) {
        check_host(action.database, at.place, at.allow_hosts, at.binder);
    }
    action.connection = postgres.connection;
    action.pipeline = postgres.pipeline;
    if (postgres.copy) {
        action.copy = PostgresAction::Copy{postgres.copy->rows, at.binder.bind(postgres.copy->row, at.scope)};
    }
    action.statement_timeout = postgres.statement_timeout;
    return action;
}

} // namespace squall::plan
