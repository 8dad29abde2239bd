// PgBouncer in front of the stack's PostgreSQL.
#include "stack/recipe.hpp"

namespace squall::stack {

std::string pgbouncer_config(const scenario::PgbouncerSpec& spec, int port, int postgres_port,
                             const std::string& user_list)
{
    // auth_user: a role that is not in the list (one that an init file made) is looked up in PostgreSQL.
    std::string text =
        fmt::format("[databases]\n"
                    "squall = host=127.0.0.1 port={0} dbname=squall\n"
                    "* = host=127.0.0.1 port={0}\n"
                    "\n"
                    "[pgbouncer]\n"
                    "listen_addr = 127.0.0.1\n"
                    "listen_port = {1}\n"
                    "unix_socket_dir =\n"
                    "auth_type = trust\n"
                    "auth_file = {2}\n"
                    "auth_user = squall\n"
                    "admin_users = squall\n"
                    "stats_users = squall\n"
                    "pool_mode = {3}\n"
                    "max_client_conn = {4}\n"
                    "default_pool_size = {5}\n"
                    "ignore_startup_parameters = extra_float_digits,options,search_path\n"
                    "application_name_add_host = 0\n"
                    "server_reset_query = DISCARD ALL\n"
                    "log_connections = 0\n"
                    "log_disconnections = 0\n"
                    "log_stats = 0\n",
                    postgres_port, port, user_list, spec.pool_mode, spec.max_client_conn, spec.default_pool_size);
    for (const auto& [name, value] : spec.settings) {
        text += fmt::format("{} = {}\n", name, value);
    }
    return text;
}

Recipe pgbouncer_recipe(const scenario::PgbouncerSpec& spec, const std::string& program, int port, int postgres_port,
                        const Site& site)
{
    const std::string config = site.data + "/pgbouncer.ini";
    const std::string user_list = site.data + "/pgbouncer-users.txt";
    Recipe recipe;
    recipe.place = spec.place;
    recipe.run.name = "pgbouncer";
    recipe.run.argv = {program, config};
    recipe.run.environment = plain_environment(site);
    recipe.run.directory = site.data;
    recipe.run.user = site.user;
    recipe.run.log = site.logs + "/pgbouncer.log";
    recipe.run.grace = std::chrono::seconds(1); // from 1.23 on SIGTERM waits for clients
    recipe.info = ServiceInfo{"pgbouncer", "pgbouncer", postgres_url(port, "squall"), port, 0, recipe.run.log};
    recipe.title = "PgBouncer";
    recipe.files = {{config, pgbouncer_config(spec, port, postgres_port, user_list)}, {user_list, "\"squall\" \"\"\n"}};
    recipe.readiness = PostgresAnswers{recipe.info.url};
    recipe.ready_timeout = spec.ready_timeout;
    recipe.fixed_port = spec.port.has_value();
    return recipe;
}

} // namespace squall::stack
