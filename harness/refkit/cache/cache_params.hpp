// What a cache is told and what it tells.
#pragma once

#include "base/quantity.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <cstdint>

namespace squall::refkit {

struct CacheParams {
    std::size_t max_entries = 1000;
    Duration time_to_live = std::chrono::minutes(1);
    Ratio jitter; // each value lives shorter by up to this share of it, so that they do not all expire at once
    Duration load_timeout = std::chrono::seconds(5); // for one load, whatever the callers' deadlines
};
/// Says what of `params` is broken: room for nothing, a time of 0 or less, a time to live above ten years, a jitter of
/// 1.
[[nodiscard]] Result<void> check(const CacheParams& params);

/// The first two are of this moment; the others count since the cache was made.
struct CacheStats {
    std::size_t entries = 0; // expired ones that nobody asked for since among them
    std::size_t loading = 0;
    std::uint64_t hits = 0;
    std::uint64_t misses = 0; // loads begun
    std::uint64_t joined = 0; // callers that waited for a load that was under way
    std::uint64_t failed_loads = 0;
    std::uint64_t expired = 0;
    std::uint64_t evicted = 0;
};

} // namespace squall::refkit
