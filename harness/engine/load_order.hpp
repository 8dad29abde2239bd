// One phase with load, as the control thread orders it from the shards.
#pragma once

#include "base/time.hpp"
#include "measure/phase.hpp"

namespace squall::engine {

struct LoadOrder {
    measure::Phase phase = measure::Phase::load;
    Instant begin;
    Duration length{};
    Duration grace{}; // how long iterations in flight may finish at the end
    double scale = 1; // multiplies users and rates: a primer runs above the test's own concurrency
};

} // namespace squall::engine
