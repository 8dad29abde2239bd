// How full a pool is, in the words of its operators.
#pragma once

#include "refkit/pool/pool_params.hpp"

#include <string_view>

namespace squall::target {

/// In use of max, from 0 to 1.
[[nodiscard]] inline double utilisation(const refkit::PoolStats& stats)
{
    return static_cast<double>(stats.acquired) / static_cast<double>(stats.max);
}

/// The thresholds of the field: from 60 % a leak is suspected, from 80 % use is high, from 95 % it is an emergency.
[[nodiscard]] inline std::string_view utilisation_class(double utilisation)
{
    if (utilisation >= 0.95) {
        return "emergency";
    }
    if (utilisation >= 0.80) {
        return "high";
    }
    return utilisation >= 0.60 ? "suspect" : "normal";
}

} // namespace squall::target
