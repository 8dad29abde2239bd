// The [stack] table: local services that the harness starts, as plain values.
#pragma once

#include "base/time.hpp"
#include "scenario/place.hpp"
#include "scenario/target_settings.hpp"

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace squall::scenario {

/// A fixed port, or a free one chosen at start.
struct ServiceCommon {
    Place place;
    std::optional<int> port;
    Duration ready_timeout = std::chrono::seconds(30);
};

struct PostgresSpec : ServiceCommon {
    int max_connections = 100;
    /// Further settings for postgresql.conf, name → value as written there.
    std::map<std::string, std::string> settings;
    /// SQL files run once after start, in this order, relative to the scenario file.
    std::vector<std::string> init;
};

struct PgbouncerSpec : ServiceCommon {
    std::string pool_mode = "transaction"; // session, transaction or statement
    int max_client_conn = 100;
    int default_pool_size = 20;
    std::map<std::string, std::string> settings;
};

struct RedisSpec : ServiceCommon {
    std::map<std::string, std::string> settings; // redis.conf directives
};

/// What makes a service collect its garbage: a request to it, or a signal to its process.
struct CollectRequest {
    std::string method; // GET or POST
    std::string path;   // relative to the service's address; begins with a slash
};
struct CollectSignal {
    std::string name; // "SIGUSR2"
    int number = 0;
};
using CollectHook = std::variant<CollectRequest, CollectSignal>;

struct TargetSpec : ServiceCommon, TargetSettings {
    std::vector<std::string> defects;
    std::vector<std::string> settings;       // what was written of TargetSettings: "pool.max=20", as --set takes it
    std::string database = "pgbouncer";      // "pgbouncer" where the stack has one, else "postgres"
    std::optional<int> max_connections;      // clients at a time; more wait to be accepted
    std::optional<Duration> request_timeout; // to receive a request, and to write an answer; default 10 s
    std::optional<std::string> program;      // another squall-target binary than the one beside squall
    std::optional<std::string> notes;        // SQLite file of /mcp; default: notes.sqlite in the run's folder
    std::optional<CollectHook> gc;           // called in the quiet phases
};

/// A command of the user's. `command`, `ready`, `environment` and `url` may use ${port}, ${postgres}, ${redis},
/// ${pgbouncer} and other services' names; `url` (default "http://127.0.0.1:${port}") becomes the variable of the
/// service's name.
struct CommandSpec : ServiceCommon {
    std::string name;
    std::string command;
    std::string ready; // http://… (any status below 500), tcp://…, or empty: the port accepts
    std::string url = "http://127.0.0.1:${port}";
    std::map<std::string, std::string> environment;
    std::optional<std::string> working_directory; // relative to the scenario file; default: its folder
    Duration stop_grace = std::chrono::seconds(3);
    bool stdio = false;            // started by the users' steps, which speak to it over its stdin and stdout
    std::optional<CollectHook> gc; // called in the quiet phases
};

struct StackSpec {
    std::optional<PostgresSpec> postgres;
    std::optional<PgbouncerSpec> pgbouncer;
    std::optional<RedisSpec> redis;
    std::optional<TargetSpec> target;
    std::vector<CommandSpec> services;

    [[nodiscard]] bool empty() const { return !postgres && !pgbouncer && !redis && !target && services.empty(); }
};

} // namespace squall::scenario
