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
