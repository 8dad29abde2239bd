// Open model: iterations start when a recording says. Pure.
#pragma once

#include "base/time.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace squall::arrivals {

/// Offsets from the phase's start, in order, none negative. Cheap to copy.
class Replay {
public:
    /// Nothing arrives at or after `length`. `scale` > 0 multiplies the rate: offsets are divided by it.
    Replay(std::shared_ptr<const std::vector<Duration>> offsets, Duration length, double scale = 1);

    /// Nothing when the recording or the phase is over; then forever.
    [[nodiscard]] std::optional<Duration> next();

private:
    std::shared_ptr<const std::vector<Duration>> offsets_;
    Duration length_;
    double scale_;
    std::size_t at_ = 0;
};

} // namespace squall::arrivals
