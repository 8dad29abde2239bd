// TOML → Scenario, with every problem of the file at once.
#pragma once

#include "scenario/scenario.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace squall::scenario {

struct ParseOptions {
    std::string profile;                // empty: none
    std::vector<std::string> overrides; // "key.path=value" of --set, applied after the profile
    /// The environment for ${env.NAME}; empty: that of this process.
    std::function<std::optional<std::string>(const std::string& name)> environment;
};

struct ParseOutcome {
    Scenario scenario;                 // usable only without problems
    std::vector<Problem> problems;     // in the order of the file, those of --set last
    std::vector<std::string> profiles; // names that the file has
};

/// Reads the file. Profiles that were not asked for are checked too. A file that cannot be read or is not TOML is a
/// problem like any other. Never throws for bad input.
[[nodiscard]] ParseOutcome parse_file(const std::string& path, const ParseOptions& options);
/// The same for a text; `file` is its name in messages and the base of relative paths.
[[nodiscard]] ParseOutcome parse_text(std::string_view text, const std::string& file, const ParseOptions& options);

/// JSON Schema (draft 2020-12) of a scenario file, generated from the definitions that the parser uses.
[[nodiscard]] std::string json_schema();

} // namespace squall::scenario
