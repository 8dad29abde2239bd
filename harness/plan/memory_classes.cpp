#include "plan/memory_classes.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace squall::plan {
namespace {

std::vector<std::string> watched_processes(const scenario::Scenario& scenario)
{
    std::vector<std::string> names;
    const auto add = [&names](bool present, const char* name) {
        if (present) {
            names.emplace_back(name);
        }
    };
    add(scenario.stack.postgres.has_value(), "postgres");
    add(scenario.stack.pgbouncer.has_value(), "pgbouncer");
    add(scenario.stack.redis.has_value(), "redis");
    add(scenario.stack.target.has_value(), "target");
    for (const auto& service : scenario.stack.services) {
        add(!service.stdio, service.name.c_str());
    }
    for (const auto& probe : scenario.probes) {
        add(std::holds_alternative<scenario::ProcessProbe>(probe.source), probe.name.c_str());
    }
    return names;
}

} // namespace

std::vector<scenario::MemoryClasses> resolve_memory_classes(const scenario::Scenario& scenario, Binder& binder)
{
    const auto names = watched_processes(scenario);
    for (const auto& classes : scenario.memory_classes) {
        if (std::ranges::find(names, classes.service) != names.end()) {
            continue;
        }
        const auto near = closest_match(classes.service, names);
        binder.report(classes.place,
                      fmt::format("there is no process \"{}\" to watch; {}", classes.service,
                                  near            ? fmt::format("did you mean \"{}\"?", *near)
                                  : names.empty() ? std::string("the scenario starts no service and has no probe of a "
                                                                "process")
                                                  : fmt::format("expected one of {}", join(names, ", "))));
    }
    return scenario.memory_classes;
}

} // namespace squall::plan
