// How one service is started: values that the servers' own files fill and that start.cpp acts on.
#pragma once

#include "stack/protocol.hpp"
#include "stack/readiness.hpp"
#include "stack/stack.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace squall::stack {

struct TextFile {
    std::string path;
    std::string text;
};

struct Recipe {
    ServiceInfo info;      // without the pid
    std::string title;     // for messages: "PostgreSQL", "service api"
    scenario::Place place; // where the scenario asks for it
    std::vector<TextFile> files;
    std::optional<SpawnRequest> prepare; // runs to its end first, with exit code 0
    SpawnRequest run;
    Readiness readiness;
    Duration ready_timeout{};
    bool fixed_port = false;
};

/// Where a recipe's processes live.
struct Site {
    std::string data; // private folder of the whole stack
    std::string logs; // folder
    std::string run_folder;
    std::optional<UserIds> user;                    // for servers that refuse root
    std::string scenario_folder;                    // where relative paths start
    std::map<std::string, std::string> environment; // of this process
};

/// What the postgres family and Redis get instead of the caller's environment, so that PGHOST and its like do not
/// reach them.
[[nodiscard]] std::vector<std::string> plain_environment(const Site& site);
/// The caller's environment with `extra` on top.
[[nodiscard]] std::vector<std::string> full_environment(const Site& site,
                                                        const std::map<std::string, std::string>& extra);

/// Settings that would move a server off its port or off loopback are refused, and so are line breaks, which would
/// start another directive.
[[nodiscard]] Result<void> check_settings(std::string_view table, const std::map<std::string, std::string>& settings,
                                          const std::vector<std::string>& reserved);

/// postgres: initdb first, then the server on its own configuration file.
[[nodiscard]] Recipe postgres_recipe(const scenario::PostgresSpec& spec, const PostgresPrograms& programs, int port,
                                     const Site& site);
[[nodiscard]] std::string postgres_config(const scenario::PostgresSpec& spec, int port);
[[nodiscard]] std::string postgres_url(int port, std::string_view database);

[[nodiscard]] Recipe pgbouncer_recipe(const scenario::PgbouncerSpec& spec, const std::string& program, int port,
                                      int postgres_port, const Site& site);
[[nodiscard]] std::string pgbouncer_config(const scenario::PgbouncerSpec& spec, int port, int postgres_port,
                                           const std::string& user_list);

[[nodiscard]] Recipe redis_recipe(const scenario::RedisSpec& spec, const std::string& program, int port,
                                  const Site& site);
[[nodiscard]] std::string redis_config(const scenario::RedisSpec& spec, int port, const std::string& folder);

/// Addresses of the stack's other services, empty where it has none.
struct TargetPeers {
    std::string database; // what --database gets
    std::string postgres; // --bypass-database: always past PgBouncer
    std::string redis;
};
[[nodiscard]] Recipe target_recipe(const scenario::TargetSpec& spec, const std::string& program, int port,
                                   const TargetPeers& peers, const Site& site);

/// The url of a user's service, from its spec's template.
[[nodiscard]] Result<std::string> service_url(const scenario::CommandSpec& spec, int port,
                                              const std::map<std::string, std::string>& variables, const Site& site);
/// `variables` are those of all other services. Unknown names are errors.
[[nodiscard]] Result<Recipe> service_recipe(const scenario::CommandSpec& spec, int port,
                                            const std::map<std::string, std::string>& variables, const Site& site);

} // namespace squall::stack
