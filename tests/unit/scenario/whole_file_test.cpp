// A file that uses every key, and the files that come with the project.
#include "every_key.hpp"
#include "support.hpp"

#include <algorithm>
#include <filesystem>

using namespace squall::scenario;
using namespace squall::scenario::testing;
using namespace std::chrono_literals;

TEST_CASE("every key is read into its place")
{
    const auto scenario = parsed(every_key);
    CHECK(scenario.name == "everything");
    CHECK(scenario.duration == 60s);
    CHECK(scenario.primer == squall::Duration(5s));
    CHECK(scenario.quiesce == squall::Duration(6s));
    CHECK(scenario.grace == 1500ms);
    CHECK(scenario.seed == 7);
    CHECK(scenario.seed_given);
    CHECK(scenario.allow_hosts == std::vector<std::string>{"staging.example.com"});
    CHECK(scenario.variables.at("page").source == "3");
    CHECK(scenario.endpoints.at("api").source == "http://127.0.0.1:8080");
    CHECK_FALSE(scenario.tls.verify);
    CHECK(scenario.tls.ca_file == "ca.pem");
    CHECK(scenario.warm_up == 3s);
    CHECK(scenario.checks.size() == 3);
    CHECK(scenario.checks[1].expression == "response_time.p99 < 500ms");
    CHECK(scenario.checks[1].place.path == "slo.checks[#2]");
}

TEST_CASE("the stack is read into its specifications")
{
    const auto stack = parsed(every_key).stack;
    CHECK(stack.postgres->max_connections == 120);
    CHECK(stack.postgres->settings.at("work_mem") == "4MB");
    CHECK(stack.postgres->settings.at("jit") == "false");
    CHECK(stack.postgres->init == std::vector<std::string>{"a.sql"});
    CHECK(stack.postgres->port == 5555);
    CHECK(stack.postgres->ready_timeout == 9s);
    CHECK(stack.pgbouncer->pool_mode == "session");
    CHECK(stack.pgbouncer->default_pool_size == 9);
    CHECK(stack.redis->settings.at("maxmemory") == "64mb");
    CHECK(stack.target->database == "postgres");
    CHECK(stack.target->pool.idle_timeout == 2s);
    CHECK(stack.target->program == "bin/t");
    REQUIRE(stack.services.size() == 2);
    CHECK(stack.services[0].stdio);
    const auto& web = stack.services[1];
    CHECK(web.name == "web");
    CHECK(web.command == "node server.js");
    CHECK(web.url == "http://127.0.0.1:${port}/v1");
    CHECK(web.environment.at("DB") == "${postgres}");
    CHECK(web.working_directory == "web");
    CHECK(web.stop_grace == 1s);
    CHECK(web.place.path == "stack.service.web");
}

TEST_CASE("users and probes are read into theirs")
{
    const auto scenario = parsed(every_key);
    REQUIRE(scenario.users.size() == 9);
    const auto& user = scenario.users[0];
    CHECK(user.think.low == 1s);
    CHECK(user.think.high == 3s);
    CHECK(user.data->order == DataOrder::unique);
    CHECK(user.connection == Connection::per_iteration);
    CHECK_FALSE(user.cookies);
    CHECK(user.steps.size() == 3);
    CHECK(user.variables.at("mine").source == "${page}");
    REQUIRE(scenario.probes.size() == 7);
    CHECK(scenario.probes[0].every == 1s);
    CHECK(std::get<HttpJsonProbe>(scenario.probes[0].source).gauges.at("in_use") == "/acquired");
    CHECK(std::get<PrometheusProbe>(scenario.probes[1].source).gauges.at("up") == "up{job=\"a\"}");
    CHECK(std::get<FilesProbe>(scenario.probes[2].source).pattern.source == "/tmp/*.lock");
    CHECK(std::get<ProcessProbe>(scenario.probes[3].source).pid.source == "1");
    CHECK(std::get<PostgresProbe>(scenario.probes[4].source).url.source == "${postgres}");
    CHECK(std::get<RedisProbe>(scenario.probes[5].source).url.source == "${redis}");
    CHECK(std::get<CgroupProbe>(scenario.probes[6].source).folder.source == "/sys/fs/cgroup/app");
    REQUIRE(scenario.memory_classes.size() == 1);
    CHECK(scenario.memory_classes[0].service == "target");
    CHECK(scenario.memory_classes[0].thresholds.warning.bytes == 300ULL << 20U);
    CHECK(scenario.memory_classes[0].thresholds.critical.bytes == 400'000'000);
    CHECK(scenario.memory_classes[0].thresholds.emergency.bytes == 480ULL << 20U);
}

TEST_CASE("an empty file is a scenario with the defaults and the name of the file")
{
    const auto scenario = parsed("");
    CHECK(scenario.name == "s");
    CHECK(scenario.duration == 30s);
    CHECK(scenario.grace == 5s);
    CHECK_FALSE(scenario.seed_given);
    CHECK_FALSE(scenario.primer.has_value());
    CHECK(scenario.stack.empty());
    CHECK(parsed("[stack]\nredis = {}\n").stack.redis.has_value());
}

TEST_CASE("the scenarios that come with the project have no problems")
{
    int files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(SQUALL_SOURCE_DIR "/scenarios")) {
        if (entry.path().extension() != ".toml") {
            continue;
        }
        ++files;
        const auto plain = parse_file(entry.path().string(), {});
        auto names = plain.profiles;
        names.emplace_back();
        for (const auto& name : names) {
            for (const auto& problem : parse_file(entry.path().string(), with_profile(name)).problems) {
                FAIL_CHECK(to_string(problem));
            }
        }
    }
    CHECK(files >= 2);
}
