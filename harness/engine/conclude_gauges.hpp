// Gauges and leaks of a result. Pure.
#pragma once

#include "analysis/leak.hpp"
#include "engine/run_record.hpp"
#include "result/run_result.hpp"

#include <map>
#include <string>
#include <vector>

namespace squall::engine {

using LeakEstimates = std::map<std::string, analysis::LeakEstimate>; // by gauge

/// Of every gauge that can leak.
[[nodiscard]] LeakEstimates leak_estimates(const RunRecord& record);

/// What a reader should see: counts, memory that was kept, and what an SLO names; leaks first, with the step that they
/// follow. `bounds`: by gauge, for those that an SLO names, the rate per hour that it wants shown (0: none per hour).
[[nodiscard]] std::vector<result::LeakFinding> leak_findings(const RunRecord& record, const LeakEstimates& estimates,
                                                             const std::map<std::string, double>& bounds);

/// All gauges of the loads; series thinned to result::most_gauge_points, peaks kept.
[[nodiscard]] std::vector<result::Gauge> gauge_rows(const RunRecord& record, const LeakEstimates& estimates);

} // namespace squall::engine
