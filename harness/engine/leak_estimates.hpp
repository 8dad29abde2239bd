// What the record of a run says to the leak estimators, gauge by gauge. Pure.
#pragma once

#include "analysis/leak.hpp"
#include "engine/run_record.hpp"

#include <map>
#include <string>

namespace squall::engine {

using LeakEstimates = std::map<std::string, analysis::LeakEstimate>; // by gauge

/// Of every gauge that can leak, but for the generator's own. A process's gauges are not carried across its restart;
/// what a server or a probe counts not across that of any service. A part ("files{path=x}") that was first seen in the
/// load held nothing while the whole was read before. All memory is taken to be under a collector, but that of the
/// servers that the harness brings.
[[nodiscard]] LeakEstimates leak_estimates(const RunRecord& record);

} // namespace squall::engine
