#include "stack/start_setup.hpp"

#include "stack/private_folder.hpp"

#include <unistd.h>

#include <filesystem>

namespace squall::stack {

namespace {

namespace fs = std::filesystem;

std::map<std::string, std::string> own_environment()
{
    std::map<std::string, std::string> values;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const std::size_t equals = text.find('=');
        if (equals != std::string_view::npos) {
            values.emplace(text.substr(0, equals), text.substr(equals + 1));
        }
    }
    return values;
}

Random random_of_this_process(const Clock& clock)
{
    const auto ticks = static_cast<std::uint64_t>(clock.now().time_since_epoch().count());
    return Random(ticks).stream("ports", static_cast<std::uint64_t>(::getpid()));
}

/// Makes paths absolute (the keeper works in /) and the folder of the logs.
Result<void> settle_paths(StackOptions& options, Site& site)
{
    std::error_code error;
    const fs::path run = fs::absolute(options.run_folder, error).lexically_normal();
    fs::create_directories(run / "logs", error);
    if (error) {
        return fail("cannot make the folder {}: {}", (run / "logs").string(), error.message());
    }
    const fs::path scenarios = options.scenario_folder.empty() ? "." : options.scenario_folder;
    options.run_folder = run.string();
    options.scenario_folder = fs::absolute(scenarios, error).lexically_normal().string();
    if (!options.target_program.empty()) {
        options.target_program = fs::absolute(options.target_program, error).lexically_normal().string();
    }
    site.logs = (run / "logs").string();
    site.run_folder = run.string();
    site.scenario_folder = options.scenario_folder;
    site.environment = own_environment();
    return {};
}

} // namespace

std::string temporary_folder(const Site& site)
{
    const auto found = site.environment.find("TMPDIR");
    return found == site.environment.end() || found->second.empty() ? "/tmp" : found->second;
}

Result<StartSetup> set_up_start(const scenario::StackSpec& spec, StackOptions& options)
{
    StartSetup setup;
    const auto settled = settle_paths(options, setup.site);
    if (!settled) {
        return settled.error();
    }
    const auto sound = check_spec(spec, options.scenario_folder);
    if (!sound) {
        return sound.error();
    }
    const auto programs = find_programs(spec, options);
    if (!programs) {
        return programs.error();
    }
    const auto ports = assign_ports(spec, random_of_this_process(*options.clock));
    if (!ports) {
        return ports.error();
    }
    const auto user = spec.postgres ? unprivileged_user() : std::optional<UserIds>();
    if (!user) {
        return user.error();
    }
    setup.site.user = *user;
    setup.programs = *programs;
    setup.ports = *ports;
    // Once without its folder: what is wrong with the services' templates is said before anything runs.
    const auto sketch = make_stack_plan(spec, setup.programs, setup.ports, setup.site);
    if (!sketch) {
        return sketch.error();
    }
    return setup;
}

} // namespace squall::stack
