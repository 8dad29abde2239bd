#include "cli/load_plan.hpp"

#include "engine/check_slos.hpp"
#include "scenario/parse.hpp"

#include <fmt/format.h>

#include <iostream>

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
    if (!parsed.problems.empty()) {
        print(parsed.problems, options.file);
        return nullptr;
    }
    auto planned = plan::make_plan(parsed.scenario);
    if (planned.plan) {
        auto wrong = engine::check_slos(*planned.plan);
        planned.problems.insert(planned.problems.end(), wrong.begin(), wrong.end());
    }
    if (!planned.problems.empty()) {
        print(planned.problems, options.file);
        return nullptr;
    }
    return planned.plan;
}

} // namespace squall::cli
