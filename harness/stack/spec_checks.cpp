#include "stack/stack_plan.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

namespace squall::stack {

namespace {

namespace fs = std::filesystem;

/// Names of other variables, of logs, and of the keeper's own children.
const std::set<std::string> reserved_names = {"postgres", "pgbouncer", "redis",  "target", "keeper",
                                              "initdb",   "port",      "squall", "ws"};

Result<void> check_postgres(const scenario::PostgresSpec& postgres, const std::string& scenario_folder)
{
    const auto settings = check_settings("postgres", postgres.settings,
                                         {"port", "listen_addresses", "data_directory", "hba_file", "ident_file",
                                          "unix_socket_directories", "external_pid_file"});
    if (!settings) {
        return settings;
    }
    for (const std::string& file : postgres.init) {
        const fs::path path = fs::path(scenario_folder) / file;
        std::error_code error;
        if (!fs::is_regular_file(path, error)) {
            return fail("stack.postgres.init: there is no file {}; paths start at the scenario's folder",
                        path.string());
        }
    }
    return {};
}

Result<void> check_service(const scenario::CommandSpec& service, const scenario::StackSpec& spec,
                           const std::string& scenario_folder)
{
    const bool plain = !service.name.empty() &&
                       std::all_of(service.name.begin(), service.name.end(),
                                   [](unsigned char each) { return std::isalnum(each) || each == '_' || each == '-'; });
    if (!plain) {
        return fail("stack.service: \"{}\" is not a name; use letters, digits, _ and -", service.name);
    }
    if (reserved_names.contains(service.name) || (spec.target && service.name == "api")) {
        return fail("stack.service.{0}: the name \"{0}\" is taken by the stack itself; use another", service.name);
    }
    if (service.command.empty()) {
        return fail("stack.service.{}.command is empty", service.name);
    }
    const fs::path folder = fs::path(scenario_folder) / service.working_directory.value_or("");
    std::error_code error;
    if (!fs::is_directory(folder, error)) {
        return fail("stack.service.{}.working_directory: there is no folder {}", service.name, folder.string());
    }
    return {};
}

Result<void> check_services(const scenario::StackSpec& spec, const std::string& scenario_folder)
{
    std::set<std::string> seen;
    for (const auto& service : spec.services) {
        const auto checked = check_service(service, spec, scenario_folder);
        if (!checked) {
            return at_place(service.place, checked.error());
        }
        if (!seen.insert(service.name).second) {
            return at_place(service.place, fail("stack.service.{} is there twice", service.name));
        }
    }
    return {};
}

} // namespace

Error at_place(const scenario::Place& place, const Error& error)
{
    if (place.file.empty()) {
        return error;
    }
    return fail("{}:{}:{}: {}", place.file, place.line, place.column, error.message);
}

Result<void> check_spec(const scenario::StackSpec& spec, const std::string& scenario_folder)
{
    if (spec.pgbouncer && !spec.postgres) {
        return at_place(spec.pgbouncer->place, fail("stack.pgbouncer needs a stack.postgres to stand in front of"));
    }
    if (spec.target && !spec.postgres) {
        return at_place(spec.target->place, fail("stack.target needs a stack.postgres"));
    }
    if (spec.postgres) {
        const auto checked = check_postgres(*spec.postgres, scenario_folder);
        if (!checked) {
            return at_place(spec.postgres->place, checked.error());
        }
    }
    if (spec.pgbouncer) {
        const auto checked =
            check_settings("pgbouncer", spec.pgbouncer->settings,
                           {"listen_addr", "listen_port", "unix_socket_dir", "auth_file", "user", "pidfile"});
        if (!checked) {
            return at_place(spec.pgbouncer->place, checked.error());
        }
    }
    if (spec.redis) {
        const auto checked = check_settings("redis", spec.redis->settings,
                                            {"port", "bind", "dir", "daemonize", "tls-port", "unixsocket", "include"});
        if (!checked) {
            return at_place(spec.redis->place, checked.error());
        }
    }
    return check_services(spec, scenario_folder);
}

} // namespace squall::stack
