// What every driver measures of one operation, whatever its protocol.
#pragma once

#include "base/time.hpp"
#include "measure/sample.hpp"

#include <cstdint>

namespace squall::drivers {

/// From the driver's first move to its last. Bytes are the protocol's, without TLS and TCP framing.
struct Exchange {
    Instant started;
    Instant ended;
    measure::PhaseTimes phases;
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    bool new_connection = false; // at least one was made, or a process started
};

} // namespace squall::drivers
