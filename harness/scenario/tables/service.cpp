// stack.service.NAME: a command of the user's.
#include "scenario/shapes/collections.hpp"
#include "scenario/tables/service_keys.hpp"
#include "scenario/tables/tables.hpp"

namespace squall::scenario {
namespace {

/// What is spoken to over stdin and stdout has no address.
bool check_stdio(const Cursor& cursor, CommandSpec& service)
{
    bool ok = true;
    for (const auto* key : {"ready", "url", "port", "ready_timeout", "gc"}) {
        if (service.stdio && cursor.has(key)) {
            cursor.at(key).report_at_key(
                fmt::format("{} belongs to a service that listens; one with stdio = true has no address", key));
            ok = false;
        }
    }
    return ok;
}

} // namespace

ShapePtr<CommandSpec> service_shape()
{
    Fields<CommandSpec> fields;
    fields.required("command",
                    "What to run; ${port}, ${postgres}, ${redis}, ${pgbouncer} and other services' names are "
                    "their addresses.",
                    &CommandSpec::command, text_of("a command such as \"node server.js\""));
    fields.optional("ready", "http://… (ready at any status below 500) or tcp://…; without it, when the port accepts.",
                    &CommandSpec::ready, text_of("an address such as \"http://127.0.0.1:${port}/health\""));
    fields.optional("url", "What ${NAME} stands for.", &CommandSpec::url, text_of("a URL"));
    fields.optional("environment", "Environment variables of the command.", &CommandSpec::environment,
                    map_of(scalar()));
    fields.optional("working_directory",
                    "Where the command runs, relative to this file; without it, the folder of this "
                    "file.",
                    &CommandSpec::working_directory, text_of("the path of a folder"));
    fields.optional("stop_grace", "How long it may take to end before it is killed.", &CommandSpec::stop_grace,
                    duration());
    fields.optional("stdio",
                    "true: started by the users' rpc steps, one process a user, which speak to it over its stdin and "
                    "stdout.",
                    &CommandSpec::stdio, boolean());
    fields.optional("gc", "What makes it collect its garbage, in the quiet phases: a request to it, or a signal.",
                    &CommandSpec::gc, collect_hook_shape());
    fields.finally(check_stdio);
    add_service_keys(fields);
    return table<CommandSpec>("a table with command", fields);
}

} // namespace squall::scenario
