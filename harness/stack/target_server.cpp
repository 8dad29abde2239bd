// squall-target, the reference service.
#include "stack/recipe.hpp"

#include <filesystem>

namespace squall::stack {

namespace {

std::string milliseconds(Duration duration)
{
    return fmt::format("{}ms", std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

} // namespace

Recipe target_recipe(const scenario::TargetSpec& spec, const std::string& program, int port, const TargetPeers& peers,
                     const Site& site)
{
    Recipe recipe;
    recipe.place = spec.place;
    SpawnRequest& run = recipe.run;
    run.name = "target";
    run.argv = {program,       "--port", std::to_string(port), "--database", peers.database, "--bypass-database",
                peers.postgres};
    if (!peers.redis.empty()) {
        run.argv.insert(run.argv.end(), {"--redis", peers.redis});
    }
    for (const std::string& setting : spec.settings) {
        run.argv.insert(run.argv.end(), {"--set", setting});
    }
    const auto notes = std::filesystem::path(spec.notes ? site.scenario_folder : site.run_folder) /
                       spec.notes.value_or("notes.sqlite");
    run.argv.insert(run.argv.end(), {"--notes", notes.lexically_normal().string()});
    if (spec.max_connections) {
        run.argv.insert(run.argv.end(), {"--max-connections", std::to_string(*spec.max_connections)});
    }
    if (spec.request_timeout) {
        run.argv.insert(run.argv.end(), {"--request-timeout", milliseconds(*spec.request_timeout)});
    }
    for (const std::string& defect : spec.defects) {
        run.argv.insert(run.argv.end(), {"--defect", defect});
    }
    run.environment = full_environment(site, {});
    run.directory = site.scenario_folder;
    run.log = site.logs + "/target.log";
    const std::string base = fmt::format("http://127.0.0.1:{}", port);
    recipe.info = ServiceInfo{"target", "target", base, port, 0, run.log};
    recipe.title = "squall-target";
    recipe.readiness = HttpAnswers{base + "/health/ready", 200};
    recipe.ready_timeout = spec.ready_timeout;
    recipe.fixed_port = spec.port.has_value();
    return recipe;
}

} // namespace squall::stack
