// The options that name a scenario, and the way from its file to a plan, with every problem printed.
#pragma once

#include "plan/plan.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <vector>

namespace squall::cli {

struct ScenarioOptions {
    std::string file;
    std::string profile;
    std::vector<std::string> overrides; // key.path=value
    std::string duration;               // --for
    std::string seed;                   // --seed
};

/// Adds FILE, --profile, --set, --for and --seed to a verb.
void add_scenario_options(CLI::App& verb, ScenarioOptions& options);

/// Null when the scenario has problems; they were printed to standard error by then, all of them.
[[nodiscard]] std::shared_ptr<const plan::Plan> load_plan(const ScenarioOptions& options);

} // namespace squall::cli
