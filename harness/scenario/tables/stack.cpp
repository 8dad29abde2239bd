// [stack]: the services that the harness starts.
#include "scenario/shapes/collections.hpp"
#include "scenario/tables/service_keys.hpp"
#include "scenario/tables/tables.hpp"

namespace squall::scenario {
namespace {

constexpr std::int64_t most_connections = 100'000;

ShapePtr<PostgresSpec> postgres_shape()
{
    Fields<PostgresSpec> fields;
    fields.optional("max_connections", "How many connections the server takes.", &PostgresSpec::max_connections,
                    integer(1, most_connections));
    fields.optional("settings", "Further settings of postgresql.conf.", &PostgresSpec::settings, map_of(scalar()));
    fields.optional("init", "SQL files run once after the start, relative to this file.", &PostgresSpec::init,
                    list_of(text_of("the path of an SQL file")));
    add_service_keys(fields);
    return table<PostgresSpec>("a table such as { max_connections = 120 }", fields);
}

ShapePtr<PgbouncerSpec> pgbouncer_shape()
{
    Fields<PgbouncerSpec> fields;
    fields.optional(
        "pool_mode", "When a server connection goes back to the pool.", &PgbouncerSpec::pool_mode,
        one_of<std::string>({{"session", "session"}, {"transaction", "transaction"}, {"statement", "statement"}}));
    fields.optional("max_client_conn", "How many clients it takes.", &PgbouncerSpec::max_client_conn,
                    integer(1, most_connections));
    fields.optional("default_pool_size", "How many server connections a user and database may have.",
                    &PgbouncerSpec::default_pool_size, integer(1, most_connections));
    fields.optional("settings", "Further settings of pgbouncer.ini.", &PgbouncerSpec::settings, map_of(scalar()));
    add_service_keys(fields);
    return table<PgbouncerSpec>("a table such as { pool_mode = \"transaction\" }", fields);
}

ShapePtr<RedisSpec> redis_shape()
{
    Fields<RedisSpec> fields;
    fields.optional("settings", "Directives of redis.conf.", &RedisSpec::settings, map_of(scalar()));
    add_service_keys(fields);
    return table<RedisSpec>("a table; {} will do", fields);
}

ShapePtr<PoolSpec> pool_shape()
{
    Fields<PoolSpec> fields;
    fields.optional("min", "Connections that are kept open.", &PoolSpec::min, integer(0, most_connections));
    fields.optional("max", "The most connections at once.", &PoolSpec::max, integer(1, most_connections));
    fields.optional("acquire_timeout", "How long a request waits for a connection.", &PoolSpec::acquire_timeout,
                    positive_duration());
    fields.optional("idle_timeout", "Connections beyond min are closed after this time without use.",
                    &PoolSpec::idle_timeout, positive_duration());
    fields.finally([](const Cursor& cursor, PoolSpec& pool) {
        if (pool.min > pool.max) {
            cursor.report(
                fmt::format("min ({}) is above max ({}); expected min to be at most max", pool.min, pool.max));
        }
        return pool.min <= pool.max;
    });
    return table<PoolSpec>("a table such as { min = 5, max = 100 }", fields);
}

ShapePtr<TargetSpec> target_shape()
{
    Fields<TargetSpec> fields;
    fields.optional("defects", "Bugs to switch on, such as \"leak_on_auth_failure\".", &TargetSpec::defects,
                    list_of(identifier()));
    fields.optional("pool", "Its pool of database connections.", &TargetSpec::pool, pool_shape());
    fields.optional("database", "Whom it connects to.", &TargetSpec::database,
                    one_of<std::string>({{"pgbouncer", "pgbouncer"}, {"postgres", "postgres"}}));
    fields.optional("max_connections", "Clients at a time; more wait to be accepted.", &TargetSpec::max_connections,
                    integer(1, most_connections));
    fields.optional("request_timeout", "A request must have come, and its answer been read, in this time.",
                    &TargetSpec::request_timeout, positive_duration());
    fields.optional("program", "Another squall-target than the one beside squall.", &TargetSpec::program,
                    text_of("the path of a program"));
    fields.optional("notes", "The SQLite file behind /mcp, relative to this file; without it one in the run's folder.",
                    &TargetSpec::notes, text_of("the path of a file"));
    fields.optional("gc", "What makes it collect its garbage, in the quiet phases: a request to it, or a signal.",
                    &TargetSpec::gc, collect_hook_shape());
    add_service_keys(fields);
    return table<TargetSpec>("a table such as { pool = { max = 100 } }", fields);
}

} // namespace

ShapePtr<StackSpec> stack_shape()
{
    Fields<StackSpec> fields;
    fields.optional("postgres", "A private PostgreSQL.", &StackSpec::postgres, postgres_shape());
    fields.optional("pgbouncer", "A PgBouncer in front of it.", &StackSpec::pgbouncer, pgbouncer_shape());
    fields.optional("redis", "A private Redis.", &StackSpec::redis, redis_shape());
    fields.optional("target", "The reference service, squall-target.", &StackSpec::target, target_shape());
    fields.optional("service", "Commands of your own by name.", &StackSpec::services,
                    keyed(service_shape(), &CommandSpec::name, identifier_key()));
    return table<StackSpec>("a table of services", fields);
}

} // namespace squall::scenario
