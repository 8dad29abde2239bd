// Gauges of a result. Pure.
#pragma once

#include "engine/leak_estimates.hpp"
#include "result/run_result.hpp"

#include <vector>

namespace squall::engine {

/// All gauges of the loads; series thinned to result::most_gauge_points, peaks kept.
[[nodiscard]] std::vector<result::Gauge> gauge_rows(const RunRecord& record, const LeakEstimates& estimates);

} // namespace squall::engine
