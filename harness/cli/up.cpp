// squall up: the managed stack alone, left running; prints its addresses.
#include "base/text.hpp"
#include "cli/load_plan.hpp"
#include "cli/programs.hpp"
#include "cli/verb.hpp"

#include "engine/run_folder.hpp"
#include "engine/until_signal.hpp"
#include "stack/up_state.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <iostream>

namespace squall::cli {
namespace {

struct UpVerb {
    ScenarioOptions scenario;
    std::string out;
};

void print_addresses(const stack::UpState& state)
{
    for (const auto& service : state.services) {
        fmt::print("{:<10} {}\n", service.name, redact(service.url));
    }
    fmt::print("\nLogs are in {}/logs. `squall down` stops everything and removes its data.\n", state.run_folder);
}

int up(const UpVerb& verb)
{
    const auto plan = load_plan(verb.scenario);
    if (!plan) {
        return exit_usage;
    }
    if (plan->stack.empty()) {
        std::cerr << "squall: " << plan->scenario_file << " has no [stack]; there is nothing to start\n";
        return exit_usage;
    }
    const auto folder = engine::make_run_folder(verb.out, plan->name + " up");
    if (!folder) {
        std::cerr << "squall: " << folder.error().message << '\n';
        return exit_usage;
    }
    stack::StackOptions options;
    options.run_folder = *folder;
    options.keeper_command = keeper_command();
    options.target_program = target_program();
    options.scenario_folder = std::filesystem::absolute(plan->scenario_file).parent_path().string();
    options.progress = [](std::string_view text) { fmt::print(stderr, "{}\n", text); };
    const auto state = engine::run_until_signal(
        stack::bring_up(plan->stack, std::move(options), plan->scenario_file, stack::up_state_folder()));
    if (!state) {
        std::cerr << "squall: interrupted; everything started was torn down\n";
        return exit_interrupted;
    }
    if (!*state) {
        std::cerr << "squall: " << state->error().message << '\n';
        return exit_usage;
    }
    print_addresses(**state);
    return exit_met;
}

} // namespace

void add_up(CLI::App& app, int& exit_code)
{
    auto* verb = app.add_subcommand("up", "Start a scenario's stack and leave it running");
    auto options = std::make_shared<UpVerb>();
    add_scenario_options(*verb, options->scenario);
    verb->add_option("--out", options->out, "Folder for the logs, new or empty (default: squall-runs/NAME-up-TIME)")
        ->envname("SQUALL_OUT");
    verb->callback([options, &exit_code] { exit_code = up(*options); });
}

} // namespace squall::cli
