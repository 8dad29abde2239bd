// The parts of a result that the load itself gives: steps, totals, errors, the generator's health. Pure.
#pragma once

#include "engine/run_record.hpp"
#include "result/run_result.hpp"

#include <vector>

namespace squall::engine {

[[nodiscard]] std::vector<result::StepResult> step_results(const RunRecord& record);
[[nodiscard]] result::StepResult all_steps_result(const RunRecord& record);
/// Only where a step opens one.
[[nodiscard]] std::optional<result::WebSockets> websockets_of(const RunRecord& record);
/// Only where all populations are closed.
[[nodiscard]] std::optional<result::OmissionCanary> canary_of(const RunRecord& record);
[[nodiscard]] result::Totals totals(const RunRecord& record);
[[nodiscard]] std::vector<result::ErrorRow> error_rows(const RunRecord& record);
[[nodiscard]] result::GeneratorHealth generator_health(const RunRecord& record);
[[nodiscard]] std::vector<result::Population> populations(const RunRecord& record);

} // namespace squall::engine
