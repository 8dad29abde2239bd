// Gauges and leaks of a result. Pure.
#pragma once

#include "analysis/residual.hpp"
#include "engine/run_record.hpp"
#include "result/run_result.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace squall::engine {

/// Estimator B for every gauge that can leak, by name.
[[nodiscard]] std::map<std::string, analysis::ResidualEstimate> leak_estimates(const RunRecord& record);

/// What a reader should see: counts, memory that was kept, and what an SLO names; what was kept first, with the step
/// that it follows.
[[nodiscard]] std::vector<result::LeakFinding>
leak_findings(const RunRecord& record, const std::map<std::string, analysis::ResidualEstimate>& estimates,
              const std::set<std::string>& named_by_slo);

/// All gauges of the load phase; series thinned to result::most_gauge_points, peaks kept.
[[nodiscard]] std::vector<result::Gauge> gauge_rows(const RunRecord& record,
                                                    const std::map<std::string, analysis::ResidualEstimate>& estimates);

} // namespace squall::engine
