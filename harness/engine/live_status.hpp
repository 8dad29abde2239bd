// What a person watching a run is told once a second.
#pragma once

#include "base/time.hpp"
#include "measure/phase.hpp"

#include <cstdint>
#include <optional>

namespace squall::engine {

struct LiveStatus {
    Duration elapsed{};
    Duration planned{}; // the whole run
    measure::Phase phase = measure::Phase::load;
    std::size_t cycle = 1;  // of load and quiesce, from 1
    std::size_t cycles = 1; // 1: it need not be told
    int users = 0;
    int in_flight = 0;
    std::uint64_t requests = 0; // in the last second
    std::uint64_t errors = 0;   // in the last second
    std::uint64_t dropped = 0;  // in the last second
    std::uint64_t errors_so_far = 0;
    std::optional<Duration> p50; // response time in the last second
    std::optional<Duration> p99;
    std::optional<double> connections; // postgres.connections, where measured
};

} // namespace squall::engine
