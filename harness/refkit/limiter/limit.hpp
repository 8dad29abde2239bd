// How many calls at a time are good, learned from how long they take: the algorithms of the adaptive limiters, as in
// Netflix' concurrency-limits. Pure; one thread.
//
// The samples of a window are judged together. A window lasts at least as long as it is told and until it holds enough
// samples, so that few calls make it longer and are never thrown away. No round trip is too short to count: Redis on
// the loopback answers in 30 µs.
#pragma once

#include "base/quantity.hpp"
#include "base/time.hpp"
#include "refkit/rejection.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>

namespace squall::refkit {

/// A call that came back. `in_flight`: those that ran when it began, itself among them.
struct LimitSample {
    Duration round_trip;
    std::size_t in_flight = 0;
    bool dropped = false;
};

struct WindowParams {
    Duration at_least = std::chrono::seconds(1);
    std::uint32_t samples = 10;
};

/// The samples since the last one that was full.
class SampleWindow {
public:
    explicit SampleWindow(WindowParams params) : params_(params) {}

    struct Summary {
        std::uint64_t samples = 0; // of calls that were not dropped
        std::uint64_t dropped = 0;
        Duration mean{};    // round trip of the former
        Duration longest{}; // round trip of the former
        std::size_t most_in_flight = 0;
    };
    /// The window when this sample fills it; the next begins with the next sample.
    std::optional<Summary> add(Instant now, const LimitSample& sample);

private:
    WindowParams params_;
    std::optional<Instant> begun_;
    Summary summary_;
    double sum_ = 0; // of round trips, in nanoseconds
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

class AimdLimit {
public:
    using Params = AimdParams;
    /// Throws std::invalid_argument when check(params) finds something broken.
    explicit AimdLimit(AimdParams params);
    void sample(Instant now, const LimitSample& sample);
    [[nodiscard]] std::size_t limit() const { return limit_; }

private:
    AimdParams params_;
    SampleWindow window_;
    std::size_t limit_;
};

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

class GradientLimit {
public:
    using Params = GradientParams;
    /// Throws std::invalid_argument when check(params) finds something broken.
    explicit GradientLimit(GradientParams params);
    void sample(Instant now, const LimitSample& sample);
    [[nodiscard]] std::size_t limit() const { return static_cast<std::size_t>(estimate_); }
    [[nodiscard]] Duration long_round_trip() const { return Duration(static_cast<Duration::rep>(long_)); }

private:
    void learn(double round_trip);

    GradientParams params_;
    SampleWindow window_;
    double estimate_;
    double long_ = 0; // nanoseconds
    std::uint32_t learned_ = 0;
};

/// A limit that stays, for the plain semaphore.
class FixedLimit {
public:
    struct Params {
        std::size_t limit = 10;
    };
    /// Throws std::invalid_argument when check(params) finds something broken.
    explicit FixedLimit(Params params);
    void sample(Instant, const LimitSample&) {}
    [[nodiscard]] std::size_t limit() const { return limit_; }

private:
    std::size_t limit_;
};
/// Says when the limit is 0 or above a million.
[[nodiscard]] Result<void> check(const FixedLimit::Params& params);

/// Which algorithm, and what it is told.
using LimitParams = std::variant<FixedLimit::Params, AimdParams, GradientParams>;
[[nodiscard]] Result<void> check(const LimitParams& params);

/// Any of them.
class Limit {
public:
    /// Throws std::invalid_argument when check(params) finds something broken.
    explicit Limit(const LimitParams& params);
    void sample(Instant now, const LimitSample& sample);
    [[nodiscard]] std::size_t value() const;

private:
    std::variant<FixedLimit, AimdLimit, GradientLimit> algorithm_;
};

} // namespace squall::refkit
