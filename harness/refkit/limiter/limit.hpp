// How many calls at a time are good, learned from how long they take: the algorithms of the adaptive limiters, as in
// Netflix' concurrency-limits. Pure; one thread.
//
// The samples of a window are judged together. A window lasts at least as long as it is told and until it holds enough
// samples, so that few calls make it longer and are never thrown away. No round trip is too short to count: Redis on
// the loopback answers in 30 µs.
#pragma once

#include "base/quantity.hpp"
#include "base/time.hpp"
#include "refkit/limiter/limiter_params.hpp"
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
    using Params = FixedParams;
    /// Throws std::invalid_argument when check(params) finds something broken.
    explicit FixedLimit(Params params);
    void sample(Instant, const LimitSample&) {}
    [[nodiscard]] std::size_t limit() const { return limit_; }

private:
    std::size_t limit_;
};

/// Any of the algorithms.
class Limit {
public:
    /// Throws std::invalid_argument when check(params) finds something broken.
    explicit Limit(const LimitParams& params);
    void sample(Instant now, const LimitSample& sample);
    [[nodiscard]] std::size_t value() const;
    /// Samples may move it.
    [[nodiscard]] bool learns() const { return !std::holds_alternative<FixedLimit>(algorithm_); }

private:
    std::variant<FixedLimit, AimdLimit, GradientLimit> algorithm_;
};

} // namespace squall::refkit
