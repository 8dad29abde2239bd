// Names that all users share: what the stack and [endpoints] give, and [variables].
#pragma once

#include "plan/binder.hpp"

#include <string>
#include <utility>
#include <vector>

namespace squall::plan {

struct Globals {
    std::vector<EndpointVariable> endpoints;
    /// Before any user's own names: endpoints, constants, and why a stack name is missing.
    Scope scope;
    /// [variables] that vary (a generator, or an address of the stack), in the order in which they must be set.
    std::vector<std::pair<Slot, BoundText>> varying;
};

/// Names given twice, circles and unknown references are reported; hosts of [endpoints] outside loopback and
/// allow_hosts too.
[[nodiscard]] Globals resolve_globals(const scenario::Scenario& scenario, Binder& binder);

/// Reports the host at the start of `url` unless it is loopback or in allow_hosts. A host that only shows while the run
/// goes on is the engine's to judge (is_allowed_host).
void check_host(const BoundText& url, const scenario::Place& place, const std::vector<std::string>& allow_hosts,
                Binder& binder);

} // namespace squall::plan
