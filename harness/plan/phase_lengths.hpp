// How long primer, settle and quiesce last where the scenario does not say: from the timeouts of its own stack. Pure.
//
// What a service keeps open for a while must be closed before a level is taken, or it is taken for a leak:
// statistics.md 1: quiesce ≥ idle timeout + period of the reaper + 10 s. The level is taken in the last third of the
// phase, so that all must be closed in its first two.
#pragma once

#include "base/time.hpp"
#include "scenario/scenario.hpp"

#include <string>
#include <vector>

namespace squall::plan {

/// Something in the stack that closes what is not used.
struct IdleTimeout {
    std::string who;  // "target.pool"
    std::string what; // "idle connections"
    Duration after{};
    Duration period{}; // how long it may take until it looks
};

/// Those that the stack sets, the target's pool with its default too; what never closes anything is left out. A value
/// that cannot be read is left out: the server will say what is wrong with it.
[[nodiscard]] std::vector<IdleTimeout> idle_timeouts(const scenario::StackSpec& stack);

/// Whether a check looks at memory: the levels of a process settle later than its counts.
[[nodiscard]] bool judges_memory(const std::vector<scenario::Check>& checks);

struct PhaseLengths {
    Duration primer{};
    Duration settle{};
    Duration quiesce{};
    std::vector<std::string> reasons; // of what the scenario leaves open: "quiesce 21s: target.pool closes …"
};

/// What the scenario gives is taken as it is.
[[nodiscard]] PhaseLengths phase_lengths(const scenario::Scenario& scenario);

} // namespace squall::plan
