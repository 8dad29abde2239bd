// A result as the text of result.json.
#pragma once

#include "result/comparison.hpp"
#include "result/run_result.hpp"

#include <string>

namespace squall::reporters {

[[nodiscard]] std::string render_json(const result::RunResult& result);
[[nodiscard]] std::string render_json(const result::Comparison& comparison);

} // namespace squall::reporters
