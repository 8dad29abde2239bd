// What the limiters are told.
#pragma once

#include "base/quantity.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>

namespace squall::refkit {

struct CodelParams {
    Duration target = std::chrono::milliseconds(5);     // a wait that is well
    Duration interval = std::chrono::milliseconds(100); // must hold one such wait
};

/// Says what of `params` is broken: a time of 0 or less, a target longer than the interval.
[[nodiscard]] Result<void> check(const CodelParams& params);

struct QueueParams {
    std::size_t max_waiters = 100; // 0: nobody may wait
    Duration acquire_timeout = std::chrono::seconds(1);
    std::optional<CodelParams> codel = CodelParams{}; // nothing: who waits is never shed
};
/// Says what of `params` is broken: what check(CodelParams) finds, a timeout of 0 or less.
[[nodiscard]] Result<void> check(const QueueParams& params);

/// `calls` a `period`, and `burst` of them at once after a pause.
struct GcraParams {
    std::uint64_t calls = 100;
    Duration period = std::chrono::seconds(1);
    std::uint64_t burst = 1;
};

/// Says what of `params` is broken: no calls, a period of nothing, no burst, more than one call in 100 ns (the time
/// between two is kept in whole nanoseconds, rounded up), or a burst worth more than ten years.
[[nodiscard]] Result<void> check(const GcraParams& params);

struct RateParams {
    GcraParams rate;
    std::size_t max_waiters = 1000; // 0: nobody may wait
    Duration acquire_timeout = std::chrono::seconds(30);
};
/// Says what of `params` is broken: what check(GcraParams) finds, a timeout of 0 or less.
[[nodiscard]] Result<void> check(const RateParams& params);

struct WindowParams {
    Duration at_least = std::chrono::seconds(1);
    std::uint32_t samples = 10;
};

/// Additive increase, multiplicative decrease: once a window, ×`backoff` when a call was dropped or took longer than
/// `timeout`, else +1 when the limit was at least half used.
struct AimdParams {
    std::size_t initial = 20;
    std::size_t min = 1;
    std::size_t max = 200;
    Ratio backoff = Ratio::of(0.9);
    Duration timeout = std::chrono::seconds(5);
    WindowParams window;
};
/// Says what of `params` is broken: min of 0 or above max, max above a million, an initial limit outside of them, a
/// backoff that is not between 0 and 1, a time of 0 or less, a window without samples.
[[nodiscard]] Result<void> check(const AimdParams& params);

/// Gradient2: the limit follows tolerance · (long mean round trip) / (this window's), between ½ and 1, plus `queue`,
/// smoothed; unless less than half of the limit was in flight, which says nothing about it. A window in which more
/// calls were dropped than answered has the gradient ½: it may hold no round trip at all.
///
/// Weak by design: a latency that rises slowly becomes the new normal with the long mean.
struct GradientParams {
    std::size_t initial = 20;
    std::size_t min = 20;
    std::size_t max = 200;
    double tolerance = 1.5;           // round trips this much longer are still well
    Ratio smoothing = Ratio::of(0.2); // how much of a new limit is taken on
    double queue = 4;                 // calls that may wait at the far end
    std::uint32_t long_window = 600;  // windows of the long mean, exponentially weighted
    WindowParams window;
};
/// Says what of `params` is broken: as for AIMD; a tolerance below 1, a smoothing of 0, a negative queue, no long
/// window.
[[nodiscard]] Result<void> check(const GradientParams& params);

/// A limit that stays, for the plain semaphore.
struct FixedParams {
    std::size_t limit = 10;
};
/// Says when the limit is 0 or above a million.
[[nodiscard]] Result<void> check(const FixedParams& params);

using LimitParams = std::variant<FixedParams, AimdParams, GradientParams>;

struct PressureParams {
    Ratio shed_at = Ratio::of(0.9);                     // of the limit: from here on calls are shed,
    Ratio resume_at = Ratio::of(0.85);                  // until memory is back to this
    Duration interval = std::chrono::milliseconds(100); // between two readings
};
/// Says what of `params` is broken: an interval of 0 or less, a shed_at of 0, a resume_at that is not below it.
[[nodiscard]] Result<void> check(const PressureParams& params);

} // namespace squall::refkit
