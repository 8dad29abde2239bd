// One run with its progress on standard error; what `run` and `find` share.
#pragma once

#include "base/result.hpp"
#include "plan/plan.hpp"
#include "result/run_result.hpp"

#include <memory>
#include <optional>
#include <string>

namespace squall::cli {

struct RunOnce {
    std::string folder; // exists and is empty
    int threads = 1;
    bool quiet = false; // no progress
};

/// See engine::run_plan.
[[nodiscard]] Result<std::optional<result::RunResult>> run_once(const std::shared_ptr<const plan::Plan>& plan,
                                                                const RunOnce& options);

/// Writes result.json into the run's folder.
[[nodiscard]] Result<void> keep_result(const std::string& folder, const result::RunResult& result);

} // namespace squall::cli
