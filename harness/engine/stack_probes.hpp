// Which gauges a run reads: those of the managed stack, those of the scenario, and the generator's own.
#pragma once

#include "base/result.hpp"
#include "drivers/child_registry.hpp"
#include "plan/plan.hpp"
#include "plan/render.hpp"
#include "probes/sampler.hpp"
#include "stack/stack.hpp"

#include <vector>

namespace squall::engine {

/// Every managed service is watched as a process; PostgreSQL, PgBouncer and Redis by their own protocols too.
/// The processes of a stdio service are watched together. An error is a [[probe]] whose texts cannot be expanded.
[[nodiscard]] Result<std::vector<probes::SampledProbe>>
make_probes(const plan::Plan& plan, const std::vector<stack::ServiceInfo>& services, const plan::UserMemory& endpoints,
            const Clock& clock, const drivers::ChildRegistry& children);

} // namespace squall::engine
