#include "cli/load_plan.hpp"

#include "engine/check_slos.hpp"
#include "engine/leak_check.hpp"
#include "scenario/parse.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <tuple>

namespace squall::cli {
namespace {

void print(const std::vector<scenario::Problem>& problems, const std::string& file)
{
    for (const auto& problem : problems) {
        std::cerr << to_string(problem) << '\n';
    }
    std::cerr << fmt::format("{}: {} problem{}; nothing was started\n", file, problems.size(),
                             problems.size() == 1 ? "" : "s");
}

/// In the order of the file. Of two at one line the earlier finding is the cause, the later may only follow from it.
std::vector<scenario::Problem> together(std::vector<scenario::Problem> found,
                                        const std::vector<scenario::Problem>& more)
{
    const auto told = found;
    for (const auto& problem : more) {
        const bool follows = std::any_of(told.begin(), told.end(), [&problem](const scenario::Problem& earlier) {
            return earlier.place.file == problem.place.file && earlier.place.line == problem.place.line;
        });
        if (!follows) {
            found.push_back(problem);
        }
    }
    std::stable_sort(found.begin(), found.end(), [](const scenario::Problem& a, const scenario::Problem& b) {
        return std::tie(a.place.file, a.place.line) < std::tie(b.place.file, b.place.line);
    });
    return found;
}

} // namespace

void add_scenario_options(CLI::App& verb, ScenarioOptions& options)
{
    verb.add_option("FILE", options.file, "The scenario, a TOML file")->required();
    verb.add_option("--profile", options.profile, "Apply [profile.NAME] of the scenario")->envname("SQUALL_PROFILE");
    verb.add_option("--set", options.overrides, "Override a key: --set user.planner.arrival.closed=50 (repeatable)")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
    verb.add_option("--for", options.duration, "Length of the load phase, such as 60s (the key `duration`)");
    verb.add_option("--seed", options.seed, "Seed of everything random (the key `seed`)")->envname("SQUALL_SEED");
}

std::shared_ptr<const plan::Plan> load_plan(const ScenarioOptions& options)
{
    scenario::ParseOptions parse;
    parse.profile = options.profile;
    parse.overrides = options.overrides;
    if (!options.duration.empty()) {
        parse.overrides.push_back(fmt::format("duration=\"{}\"", options.duration));
    }
    if (!options.seed.empty()) {
        parse.overrides.push_back("seed=" + options.seed);
    }
    const auto parsed = scenario::parse_file(options.file, parse);
    // What could be read is planned all the same, so that all mistakes of a file are told at once.
    auto planned = parsed.scenario.users.empty() && !parsed.problems.empty() ? plan::PlanOutcome{}
                                                                             : plan::make_plan(parsed.scenario);
    auto problems = together(parsed.problems, planned.problems);
    problems = together(problems, planned.plan ? engine::check_slos(*planned.plan)
                                               : engine::check_slo_syntax(parsed.scenario.checks));
    if (!problems.empty()) {
        print(problems, options.file);
        return nullptr;
    }
    auto settled = engine::settle_doses(planned.plan);
    if (settled.problem) {
        print({*settled.problem}, options.file);
    }
    return settled.plan;
}

} // namespace squall::cli
