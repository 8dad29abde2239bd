// One phase with load, as the control thread orders it from the shards.
#pragma once

#include "base/time.hpp"
#include "measure/phase.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace squall::engine {

struct LoadOrder {
    measure::Phase phase = measure::Phase::load;
    Instant begin;
    Duration length{};
    Duration grace{}; // how long iterations in flight may finish at the end
    double scale = 1; // multiplies users and rates: a primer runs above the test's own concurrency
    std::optional<std::size_t> cycle = std::nullopt; // index into Phases::cycles, whose mix it has; nothing: the primer
    std::uint64_t number = 0;                        // of loads so far: each has arrivals of its own
};

} // namespace squall::engine
