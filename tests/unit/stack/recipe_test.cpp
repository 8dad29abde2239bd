#include "stack/recipe.hpp"

#include "catch.hpp"

#include <algorithm>

using namespace squall;
using namespace squall::stack;
using Catch::Matchers::Contains;

namespace {

Site site()
{
    Site site;
    site.data = "/run/stack";
    site.logs = "/run/logs";
    site.run_folder = "/run";
    site.user = UserIds{"postgres", 101, 104};
    site.scenario_folder = "/scenarios";
    site.environment = {{"PATH", "/bin"}, {"PGHOST", "elsewhere"}, {"HOME", "/root"}, {"TOKEN", "t"}};
    return site;
}

bool has(const std::vector<std::string>& list, const std::string& entry)
{
    return std::find(list.begin(), list.end(), entry) != list.end();
}

std::string line_of(const std::string& text, const std::string& start)
{
    const std::size_t at = text.rfind("\n" + start);
    return at == std::string::npos ? "" : text.substr(at + 1, text.find('\n', at + 1) - at - 1);
}

} // namespace

TEST_CASE("postgresql.conf listens on loopback only and lets the user's settings win")
{
    scenario::PostgresSpec spec;
    spec.max_connections = 120;
    spec.settings = {{"fsync", "on"}, {"work_mem", "5MB"}, {"search_path", "'a', b"}, {"cluster_name", "it's"}};
    const std::string text = "\n" + postgres_config(spec, 5433);
    CHECK(line_of(text, "listen_addresses") == "listen_addresses = '127.0.0.1'");
    CHECK(line_of(text, "unix_socket_directories") == "unix_socket_directories = ''");
    CHECK(line_of(text, "port") == "port = 5433");
    CHECK(line_of(text, "max_connections") == "max_connections = 120");
    CHECK(line_of(text, "fsync") == "fsync = 'on'");
    CHECK(line_of(text, "work_mem") == "work_mem = '5MB'");
    CHECK(line_of(text, "search_path") == "search_path = 'a', b");
    CHECK(line_of(text, "cluster_name") == "cluster_name = 'it''s'");
}

TEST_CASE("PostgreSQL runs as the unprivileged user, without the caller's PG variables, and ends in order")
{
    const Recipe recipe = postgres_recipe({}, {"/pg/initdb", "/pg/postgres"}, 5433, site());
    CHECK(recipe.info.url == "postgresql://squall@127.0.0.1:5433/squall");
    REQUIRE(recipe.prepare.has_value());
    CHECK(recipe.prepare->argv.front() == "/pg/initdb");
    CHECK(has(recipe.prepare->argv, "--no-sync"));
    CHECK(recipe.prepare->user->name == "postgres");
    CHECK(recipe.run.user->name == "postgres");
    CHECK_FALSE(has(recipe.run.environment, "PGHOST=elsewhere"));
    CHECK(has(recipe.run.environment, "HOME=/run/stack"));
    CHECK(recipe.run.stop_signal == SIGINT);
    CHECK(recipe.run.hurry_signal == SIGQUIT);
    CHECK(recipe.run.death_signal == SIGQUIT);
}

TEST_CASE("pgbouncer.ini leads to the stack's PostgreSQL and takes the user's settings last")
{
    scenario::PgbouncerSpec spec;
    spec.pool_mode = "session";
    spec.max_client_conn = 200;
    spec.default_pool_size = 7;
    spec.settings = {{"log_stats", "1"}};
    const std::string text = pgbouncer_config(spec, 6432, 5433, "/run/users.txt");
    CHECK(line_of(text, "squall =") == "squall = host=127.0.0.1 port=5433 dbname=squall");
    CHECK(line_of(text, "listen_addr") == "listen_addr = 127.0.0.1");
    CHECK(line_of(text, "listen_port") == "listen_port = 6432");
    CHECK(line_of(text, "pool_mode") == "pool_mode = session");
    CHECK(line_of(text, "max_client_conn") == "max_client_conn = 200");
    CHECK(line_of(text, "default_pool_size") == "default_pool_size = 7");
    CHECK(line_of(text, "log_stats") == "log_stats = 1");
}

TEST_CASE("a password that the scenario sets for Redis is in its address")
{
    scenario::RedisSpec spec;
    CHECK(redis_recipe(spec, "/redis", 7000, site()).info.url == "redis://127.0.0.1:7000");
    spec.settings = {{"requirepass", "secret"}};
    CHECK(redis_recipe(spec, "/redis", 7000, site()).info.url == "redis://:secret@127.0.0.1:7000");
    CHECK_THAT(describe(redis_recipe(spec, "/redis", 7000, site()).readiness), !Contains("secret"));
    CHECK_THAT(redis_config(spec, 7000, "/run"), Contains("bind 127.0.0.1\n") && Contains("save \"\"\n") &&
                                                     Contains("appendonly no\n") && Contains("requirepass secret\n"));
}

TEST_CASE("the target's command line")
{
    scenario::TargetSpec spec;
    spec.defects = {"leak_on_auth_failure", "pool_bypass"};
    spec.settings = {"pool.min=5", "pool.max_lifetime=\"30m\""};
    const Recipe recipe = target_recipe(spec, "/bin/squall-target", 8080, {"DB", "DIRECT", "REDIS"}, site());
    CHECK(recipe.run.argv == std::vector<std::string>{"/bin/squall-target", "--port", "8080", "--database", "DB",
                                                      "--bypass-database", "DIRECT", "--redis", "REDIS", "--set",
                                                      "pool.min=5", "--set", "pool.max_lifetime=\"30m\"", "--notes",
                                                      "/run/notes.sqlite", "--defect", "leak_on_auth_failure",
                                                      "--defect", "pool_bypass"});
    CHECK(describe(recipe.readiness) == "GET http://127.0.0.1:8080/health/ready, waiting for status 200");
    CHECK_FALSE(recipe.run.user.has_value());
    const Recipe without = target_recipe({}, "/bin/squall-target", 8080, {"DB", "DIRECT", ""}, site());
    CHECK_FALSE(has(without.run.argv, "--redis"));
}

TEST_CASE("a user's command is expanded, gets PORT, and keeps the caller's environment")
{
    scenario::CommandSpec spec;
    spec.name = "api";
    spec.command = "serve ${port} ${postgres} ${env.TOKEN} $HOME";
    spec.ready = "http://127.0.0.1:${port}/health";
    spec.environment = {{"DATABASE_URL", "${pgbouncer}"}, {"HOME", "/home"}};
    spec.working_directory = "api";
    const auto recipe = service_recipe(spec, 9000, {{"postgres", "PG"}, {"pgbouncer", "BOUNCER"}}, site());
    INFO((recipe ? "" : recipe.error().message));
    REQUIRE(recipe.has_value());
    CHECK(recipe->run.argv == std::vector<std::string>{"/bin/sh", "-c", "serve 9000 PG t $HOME"});
    CHECK(has(recipe->run.environment, "PORT=9000"));
    CHECK(has(recipe->run.environment, "DATABASE_URL=BOUNCER"));
    CHECK(has(recipe->run.environment, "HOME=/home"));
    CHECK(has(recipe->run.environment, "TOKEN=t"));
    CHECK(recipe->run.directory == "/scenarios/api");
    CHECK(recipe->info.url == "http://127.0.0.1:9000");
    CHECK(recipe->run.log == "/run/logs/api.log");
}

TEST_CASE("an unknown variable in a command names the key and what there is")
{
    scenario::CommandSpec spec;
    spec.name = "api";
    spec.command = "serve ${mongo}";
    const auto recipe = service_recipe(spec, 9000, {{"postgres", "PG"}}, site());
    REQUIRE_FALSE(recipe.has_value());
    CHECK_THAT(recipe.error().message, Contains("stack.service.api.command") && Contains("mongo") &&
                                           Contains("port, postgres") && Contains("${env.NAME}"));
}

TEST_CASE("the ways to say when a service is ready")
{
    const auto port = parse_readiness("", 9000);
    REQUIRE(port.has_value());
    CHECK(std::get<PortAccepts>(*port).port == 9000);
    const auto tcp = parse_readiness("tcp://127.0.0.1:81", 9000);
    REQUIRE(tcp.has_value());
    CHECK(std::get<PortAccepts>(*tcp).port == 81);
    const auto http = parse_readiness("http://127.0.0.1:9000/up", 9000);
    REQUIRE(http.has_value());
    CHECK_FALSE(std::get<HttpAnswers>(*http).status.has_value());
    for (const char* bad : {"tcp://host", "tcp://host:0", "tcp://host:99999", "tcp://:80", "udp://host:1", "9000"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_readiness(bad, 9000).has_value());
    }
}

TEST_CASE("settings that would move a server, or smuggle in a second one, are refused")
{
    CHECK(check_settings("redis", {{"maxclients", "10"}}, {"port"}).has_value());
    const auto moved = check_settings("redis", {{"port", "1"}}, {"port"});
    REQUIRE_FALSE(moved.has_value());
    CHECK_THAT(moved.error().message, Contains("stack.redis.settings.port") && Contains("stack.redis.port"));
    CHECK_FALSE(check_settings("redis", {{"maxclients", "10\nport 1"}}, {"port"}).has_value());
    CHECK_FALSE(check_settings("redis", {{"port 1", ""}}, {"port"}).has_value());
}
