// The probes that a scenario names, made from the plan.
#pragma once

#include "base/result.hpp"
#include "plan/plan.hpp"
#include "probes/probe.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace squall::probes {

/// What the plan does not know until the stack runs.
struct ProbeSurroundings {
    /// The text of a template with the stack's addresses in it.
    std::function<Result<std::string>(const scenario::Template&)> expand;
    std::filesystem::path base_directory; // relative file patterns start here: the scenario's folder
    bool verify_tls = true;
    const Clock* clock = nullptr;                             // outlives the probe
    std::optional<scenario::MemoryThresholds> memory_classes; // those of the planned probe's name
};

/// Errors name the probe: a template without a value, a pid that is no number, a malformed URL, pointer or selector.
[[nodiscard]] Result<std::unique_ptr<Probe>> from_plan(const plan::Probe& planned,
                                                       const ProbeSurroundings& surroundings);

} // namespace squall::probes
