#include "plan/bind_action.hpp"
#include "plan/globals.hpp"

namespace squall::plan {

PostgresAction bind_action(const scenario::PostgresStep& postgres, const StepPlace& at)
{
    PostgresAction action;
    action.sql = at.binder.bind(postgres.sql, at.scope);
    if (postgres.prepared && !action.sql.constant) {
        at.binder.report(at.place,
                         "a prepared statement is the same each time; write what varies as $1 and parameters");
    }
    action.pattern = postgres.pattern;
    action.database = at.binder.bind(postgres.database, at.scope);
    if (!action.database.segments.empty()) {
        check_host(action.database, at.place, at.allow_hosts, at.binder);
    }
    for (const auto& parameter : postgres.parameters) {
        action.parameters.push_back(at.binder.bind(parameter, at.scope));
    }
    action.prepared = postgres.prepared;
    action.pipeline = postgres.pipeline;
    action.statement_timeout = postgres.statement_timeout;
    action.rows = postgres.rows;
    return action;
}

} // namespace squall::plan
