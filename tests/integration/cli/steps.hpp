// Parts of a run's result, by name.
#pragma once

#include "catch.hpp"
#include "result/run_result.hpp"

#include <algorithm>
#include <string>

namespace squall::cli::test {

/// Fails the test where there is none.
inline const result::StepResult& step_of(const result::RunResult& run, const std::string& name)
{
    const auto found = std::ranges::find(run.steps, name, &result::StepResult::name);
    INFO("step " << name);
    REQUIRE(found != run.steps.end());
    return *found;
}

} // namespace squall::cli::test
