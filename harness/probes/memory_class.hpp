// How near a process is to the memory that it may hold.
#pragma once

#include "scenario/scenario.hpp"

#include <cstdint>

namespace squall::probes {

/// 0 normal, 1 warning, 2 critical, 3 emergency: the highest class whose threshold `bytes` has reached.
[[nodiscard]] inline double memory_class(double bytes, const scenario::MemoryThresholds& thresholds)
{
    const auto reached = [bytes](ByteCount threshold) { return bytes >= static_cast<double>(threshold.bytes); };
    return reached(thresholds.emergency) ? 3 : reached(thresholds.critical) ? 2 : reached(thresholds.warning) ? 1 : 0;
}

/// 60, 80 and 95 % of a limit.
[[nodiscard]] inline scenario::MemoryThresholds thresholds_of_limit(std::uint64_t limit)
{
    const auto share = [limit](std::uint64_t percent) { return ByteCount{limit / 100 * percent}; };
    return {share(60), share(80), share(95)};
}

} // namespace squall::probes
