// How long callers waited for their connection, in buckets that fit Prometheus.
#pragma once

#include "base/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace squall::refkit {

/// A plain array: copied with the pool's statistics, records without allocating. Bounds are 1, 2.5 and 5 times the
/// powers of ten from 10 µs to 25 s, which is beyond most deadlines; what took longer is in the last bucket.
class AcquireHistogram {
public:
    /// The bound is included, as in Prometheus' `le`.
    static constexpr std::array<Duration, 20> bounds = [] {
        std::array<Duration, 20> made{};
        Duration decade = std::chrono::microseconds(10);
        for (std::size_t bound = 0; bound < made.size(); ++bound) {
            const auto step = bound % 3;
            made[bound] = step == 0 ? decade : step == 1 ? decade * 5 / 2 : decade * 5;
            decade *= step == 2 ? 10 : 1;
        }
        return made;
    }();

    void record(Duration waited)
    {
        std::size_t bucket = 0;
        while (bucket < bounds.size() && waited > bounds[bucket]) {
            ++bucket;
        }
        ++buckets_[bucket];
    }

    /// Those that waited at most bounds[bucket]; with bounds.size(), everybody (`le="+Inf"`).
    [[nodiscard]] std::uint64_t at_most(std::size_t bucket) const
    {
        std::uint64_t sum = 0;
        for (std::size_t each = 0; each <= bucket && each < buckets_.size(); ++each) {
            sum += buckets_[each];
        }
        return sum;
    }
    [[nodiscard]] std::uint64_t count() const { return at_most(bounds.size()); }

private:
    std::array<std::uint64_t, bounds.size() + 1> buckets_{};
};

} // namespace squall::refkit
