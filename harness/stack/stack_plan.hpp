// From the spec to recipes in the order of their start. Pure but for the looks at programs, files and ports.
#pragma once

#include "base/random.hpp"
#include "stack/recipe.hpp"

#include <map>
#include <string>
#include <vector>

namespace squall::stack {

/// Names in waves: those of one wave start side by side, after all earlier waves are ready. A user's service that uses
/// the variable of another comes after it; services that use each other in a ring start together.
[[nodiscard]] std::vector<std::vector<std::string>> start_order(const scenario::StackSpec& spec);

/// What can be said without starting anything: partners missing, names taken, settings that may not be, files and
/// folders that do not exist. `scenario_folder` is where relative paths start.
[[nodiscard]] Result<void> check_spec(const scenario::StackSpec& spec, const std::string& scenario_folder);

struct StackPrograms {
    PostgresPrograms postgres;
    std::string pgbouncer;
    std::string redis;
    std::string target;
};

/// Finds the programs of every server that the spec names, and only those.
[[nodiscard]] Result<StackPrograms> find_programs(const scenario::StackSpec& spec, const StackOptions& options);

/// name → port: the fixed ones, checked to be free, and free ones for the others.
[[nodiscard]] Result<std::map<std::string, int>> assign_ports(const scenario::StackSpec& spec, Random random);

struct StackPlan {
    std::vector<std::vector<Recipe>> waves;
    std::map<std::string, std::string> variables;
};

[[nodiscard]] Result<StackPlan> make_stack_plan(const scenario::StackSpec& spec, const StackPrograms& programs,
                                                const std::map<std::string, int>& ports, const Site& site);

/// "file:line:column: message", or the message alone for a spec that comes from no file.
[[nodiscard]] Error at_place(const scenario::Place& place, const Error& error);

} // namespace squall::stack
