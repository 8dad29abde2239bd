// What a search for the highest load has found, from its trials. Pure.
#pragma once

#include "analysis/limit_search.hpp"
#include "result/load_limit.hpp"
#include "result/run_result.hpp"

#include <string>

namespace squall::analysis {

/// One run as a trial at `level`.
[[nodiscard]] result::LimitTrial limit_trial(double level, const result::RunResult& run);

/// Fills held, failed, limited_by, sentence and exit_code of `limit` from its trials and its unit. `level_of_one` is
/// the level of the multiple 1. Edges whose failures were the generator's make it the generator's limit (exit code 97).
void conclude_limit(result::LoadLimit& limit, const LimitSearch& search, double level_of_one, bool interrupted);

/// "480/s" or "120 users".
[[nodiscard]] std::string level_text(double level, result::Unit unit);

} // namespace squall::analysis
