// memory_classes against the services that there are.
#pragma once

#include "plan/binder.hpp"

#include <vector>

namespace squall::plan {

/// Only what is watched as a process has a memory_class: managed services, and probes of a process.
[[nodiscard]] std::vector<scenario::MemoryClasses> resolve_memory_classes(const scenario::Scenario& scenario,
                                                                          Binder& binder);

} // namespace squall::plan
