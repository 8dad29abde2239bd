// squall check: every problem of a scenario at once; nothing is started.
#include "cli/load_plan.hpp"
#include "cli/verb.hpp"

#include "engine/arrival_models.hpp"
#include "engine/leak_check.hpp"

#include <fmt/format.h>

#include <iostream>

namespace squall::cli {
namespace {

/// "5s", "6 × 5s".
std::string times(int count, Duration length)
{
    return count == 1 ? format_duration(length) : fmt::format("{} × {}", count, format_duration(length));
}

void describe(const plan::Plan& plan)
{
    fmt::print("{}: no problems\n", plan.scenario_file);
    for (const auto& population : plan.populations) {
        fmt::print("  user {}: {}, {} step{}\n", population.name, engine::describe_arrival(population),
                   population.steps.size(), population.steps.size() == 1 ? "" : "s");
    }
    const auto& phases = plan.phases;
    const auto warm_up =
        phases.warm_up > Duration::zero() ? fmt::format("warm-up {}, ", format_duration(phases.warm_up)) : "";
    fmt::print("  takes {}: primer {}, settle {}, {}load {}, quiesce {}\n", format_duration(phases.total()),
               format_duration(phases.primer), format_duration(phases.settle), warm_up,
               times(phases.doses(), phases.load), times(static_cast<int>(phases.cycles.size()), phases.quiesce));
    for (const auto& reason : phases.reasons) {
        fmt::print("    {}\n", reason);
    }
    for (const auto& line : engine::forecast(plan)) {
        fmt::print("  {}\n", line);
    }
    for (const auto& service : plan.stack.services) {
        fmt::print("  runs the command of service {}: {}\n", service.name, service.command);
    }
    for (const auto& service : plan.stdio_services) {
        fmt::print("  runs the command of stdio service {}, by the users: {}\n", service.name, service.command);
    }
    fmt::print("  {} SLO{}\n", plan.checks.size(), plan.checks.size() == 1 ? "" : "s");
}

} // namespace

void add_check(CLI::App& app, int& exit_code)
{
    auto* verb = app.add_subcommand("check", "Say everything that is wrong with a scenario; start nothing");
    auto options = std::make_shared<ScenarioOptions>();
    add_scenario_options(*verb, *options);
    verb->callback([options, &exit_code] {
        const auto plan = load_plan(*options);
        if (plan) {
            describe(*plan);
        }
        exit_code = plan ? exit_met : exit_usage;
    });
}

} // namespace squall::cli
