// [[setup]] and [[teardown]]: one user, once, apart from every figure of the run.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "drivers/tls_context.hpp"
#include "engine/interruption.hpp"
#include "plan/plan.hpp"
#include "plan/render.hpp"

#include <atomic>

namespace squall::engine {

/// What one such user needs; all of it outlives the task.
struct OnceSurroundings {
    asio::any_io_executor executor; // that of the task
    const plan::Plan& plan;
    const drivers::TlsContext& tls;
    std::atomic<std::uint64_t>& sequence;
    const Clock& clock;
    Interruption& interruption; // a signal ends it at once
};

/// Takes one user through the population's journey. `memory` is what it begins with and
/// receives what its steps saved. The error names the step that failed, how, and the way out.
Task<Result<void>> run_once(OnceSurroundings surroundings, const plan::Population& population,
                            plan::UserMemory& memory);

} // namespace squall::engine
