// Which leak estimates a reader should see, in which order, with what they follow. Pure.
#pragma once

#include "engine/leak_estimates.hpp"
#include "result/run_result.hpp"

#include <map>
#include <string>
#include <vector>

namespace squall::engine {

/// Counts, memory that was kept, and what an SLO names; leaks first, with the step that they follow. `bounds`: by
/// gauge, for those that an SLO names, the rate per hour that it wants shown (0: none per hour).
[[nodiscard]] std::vector<result::LeakFinding> leak_findings(const RunRecord& record, const LeakEstimates& estimates,
                                                             const std::map<std::string, double>& bounds);

} // namespace squall::engine
