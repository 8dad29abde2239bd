// PostgreSQL: a private cluster made by initdb, tuned to be quick to make and of no worth after the run.
#include "base/text.hpp"
#include "stack/recipe.hpp"

namespace squall::stack {

namespace {

/// As postgresql.conf quotes: any value may stand in quotes; one that brings its own is left alone.
std::string quoted(std::string_view value)
{
    if (value.starts_with('\'')) {
        return std::string(value);
    }
    return fmt::format("'{}'", join(split(value, '\''), "''"));
}

} // namespace

std::string postgres_url(int port, std::string_view database)
{
    return fmt::format("postgresql://squall@127.0.0.1:{}/{}", port, database);
}

std::string postgres_config(const scenario::PostgresSpec& spec, int port)
{
    std::string text = fmt::format("listen_addresses = '127.0.0.1'\n"
                                   "port = {}\n"
                                   "unix_socket_directories = ''\n"
                                   "max_connections = {}\n"
                                   "shared_buffers = '32MB'\n"
                                   "max_wal_size = '256MB'\n"
                                   "fsync = off\n"
                                   "full_page_writes = off\n"
                                   "synchronous_commit = off\n"
                                   "logging_collector = off\n"
                                   "log_destination = 'stderr'\n"
                                   "log_connections = off\n"
                                   "log_disconnections = off\n"
                                   "log_checkpoints = off\n"
                                   "log_line_prefix = '%m [%p] %a '\n"
                                   "log_timezone = 'UTC'\n"
                                   "timezone = 'UTC'\n",
                                   port, spec.max_connections);
    // The last line wins, so the user's settings override ours.
    for (const auto& [name, value] : spec.settings) {
        text += fmt::format("{} = {}\n", name, quoted(value));
    }
    return text;
}

Recipe postgres_recipe(const scenario::PostgresSpec& spec, const PostgresPrograms& programs, int port, const Site& site)
{
    const std::string cluster = site.data + "/postgres";
    const std::string config = site.data + "/postgresql.conf";
    SpawnRequest run;
    run.name = "postgres";
    run.argv = {programs.postgres, "-D", cluster, "--config_file=" + config};
    run.environment = plain_environment(site);
    run.directory = site.data;
    run.user = site.user;
    run.log = site.logs + "/postgres.log";
    run.stop_signal = SIGINT;   // "fast": ends sessions, no waiting for clients
    run.hurry_signal = SIGQUIT; // "immediate": no checkpoint
    run.death_signal = SIGQUIT; // SIGKILL would leave its children and shared memory behind
    run.grace = std::chrono::seconds(5);

    SpawnRequest prepare = run;
    prepare.name = "initdb";
    prepare.argv = {programs.initdb,   "-D",         cluster,    "-U", "squall", "-A", "trust",
                    "--encoding=UTF8", "--locale=C", "--no-sync"};
    prepare.death_signal = SIGKILL;
    prepare.stop_signal = SIGTERM;
    prepare.hurry_signal = SIGTERM;
    prepare.log = site.logs + "/initdb.log";

    Recipe recipe;
    recipe.place = spec.place;
    recipe.info = ServiceInfo{"postgres", "postgres", postgres_url(port, "squall"), port, 0, run.log};
    recipe.title = "PostgreSQL";
    recipe.files = {{config, postgres_config(spec, port)}};
    recipe.prepare = std::move(prepare);
    recipe.run = std::move(run);
    recipe.readiness = PostgresAnswers{postgres_url(port, "postgres")};
    recipe.ready_timeout = spec.ready_timeout;
    recipe.fixed_port = spec.port.has_value();
    return recipe;
}

} // namespace squall::stack
