// A command of the user's as a service.
#include "base/text.hpp"
#include "stack/recipe.hpp"

#include <filesystem>

namespace squall::stack {

namespace {

using Variables = std::map<std::string, std::string>;

/// Values of ${…} for one service: its port, the stack's variables, ${env.NAME}.
struct Lookup {
    const Variables& variables;
    const Variables& environment;
    int port;
    const std::string& run_folder;

    std::optional<std::string> operator()(std::string_view name) const
    {
        constexpr std::string_view of_environment = "env.";
        if (name == "port") {
            return std::to_string(port);
        }
        if (name == "run_folder") {
            return run_folder;
        }
        const bool outside = name.starts_with(of_environment);
        const Variables& source = outside ? environment : variables;
        const auto found = source.find(std::string(outside ? name.substr(of_environment.size()) : name));
        return found == source.end() ? std::nullopt : std::optional(found->second);
    }
};

Result<std::string> expand_for(const scenario::CommandSpec& spec, std::string_view key, std::string_view text,
                               const Lookup& lookup)
{
    auto expanded = expand(text, lookup);
    if (expanded) {
        return expanded;
    }
    std::vector<std::string> known{"port"};
    for (const auto& [name, value] : lookup.variables) {
        known.push_back(name);
    }
    return fail("stack.service.{}.{}: {}; this stack has {}; an environment variable is ${{env.NAME}} here, or $NAME "
                "without braces in a command",
                spec.name, key, expanded.error().message, join(known, ", "));
}

} // namespace

Result<std::string> service_url(const scenario::CommandSpec& spec, int port, const Variables& variables,
                                const Site& site)
{
    auto url = expand_for(spec, "url", spec.url, Lookup{variables, site.environment, port, site.run_folder});
    while (url && url->ends_with('/')) {
        url->pop_back();
    }
    return url;
}

Result<Recipe> service_recipe(const scenario::CommandSpec& spec, int port, const Variables& variables, const Site& site)
{
    const Lookup lookup{variables, site.environment, port, site.run_folder};
    const auto command = expand_for(spec, "command", spec.command, lookup);
    const auto ready = expand_for(spec, "ready", spec.ready, lookup);
    if (!command || !ready) {
        return command ? ready.error() : command.error();
    }
    Variables extra{{"PORT", std::to_string(port)}};
    for (const auto& [name, value] : spec.environment) {
        const auto expanded = expand_for(spec, "environment." + name, value, lookup);
        if (!expanded) {
            return expanded.error();
        }
        extra[name] = *expanded;
    }
    const auto readiness = parse_readiness(*ready, port);
    if (!readiness) {
        return fail("stack.service.{}.{}", spec.name, readiness.error().message);
    }
    const auto url = service_url(spec, port, variables, site);
    if (!url) {
        return url.error();
    }
    Recipe recipe;
    recipe.place = spec.place;
    recipe.run.name = spec.name;
    recipe.run.argv = {"/bin/sh", "-c", *command};
    recipe.run.environment = full_environment(site, extra);
    recipe.run.directory =
        (std::filesystem::path(site.scenario_folder) / spec.working_directory.value_or("")).lexically_normal().string();
    recipe.run.log = fmt::format("{}/{}.log", site.logs, spec.name);
    recipe.run.grace = std::chrono::duration_cast<std::chrono::milliseconds>(spec.stop_grace);
    recipe.info = ServiceInfo{spec.name, "service", *url, port, 0, recipe.run.log};
    recipe.title = fmt::format("service {}", spec.name);
    recipe.readiness = *readiness;
    recipe.ready_timeout = spec.ready_timeout;
    recipe.fixed_port = spec.port.has_value();
    return recipe;
}

} // namespace squall::stack
