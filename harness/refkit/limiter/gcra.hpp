// The generic cell rate algorithm (ITU-T I.371; the virtual scheduling form) on one atomic instant: the theoretical
// arrival time, at which the next call would come if calls came evenly.
//
// Admitted in any stretch of time [t, t + w]: at most burst + w / T, T being the time between two calls.
#pragma once

#include "base/time.hpp"
#include "refkit/limiter/limiter_params.hpp"
#include "refkit/rejection.hpp"

#include <atomic>
#include <cstdint>

namespace squall::refkit {

/// Thread-safe and lock-free: one load to refuse, one compare-and-exchange to admit. The instants are passed in.
class Gcra {
public:
    /// Throws std::invalid_argument when check(params) finds something broken.
    explicit Gcra(const GcraParams& params);

    /// Admitted, or rate_limited with the time until one call would be. Refusing writes nothing, so that those who
    /// are refused never push the next turn further away. Only when the next turn lies a minute further ahead than any
    /// admitted call can have put it, the clock must have jumped back, and all begins anew with the burst used up.
    [[nodiscard]] Admission<void> try_acquire(Instant now);

    /// How long from `now` until a call would be admitted if `before` others were admitted first, each as soon as it
    /// can be; 0: at once.
    [[nodiscard]] Duration time_until_turn(Instant now, std::uint64_t before = 0) const;

    /// T.
    [[nodiscard]] Duration spacing() const { return Duration(spacing_); }

private:
    using Nanoseconds = std::int64_t;
    [[nodiscard]] Nanoseconds furthest(Nanoseconds now) const;
    [[nodiscard]] bool jumped(Nanoseconds arrival, Nanoseconds now) const;

    Nanoseconds spacing_;              // T
    Nanoseconds tolerance_;            // τ = T · (burst − 1)
    std::atomic<Nanoseconds> arrival_; // since the clock's epoch
};

} // namespace squall::refkit
