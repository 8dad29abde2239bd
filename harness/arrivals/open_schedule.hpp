// Open model: when iterations arrive, whatever the system under test does. Pure.
#pragma once

#include "base/quantity.hpp"
#include "base/random.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace squall::arrivals {

/// The rate moves linearly from `from` to `to` over `length`.
struct RateStage {
    Duration length{};
    Rate from;
    Rate to;
};

enum class Gaps { constant, poisson };

/// Arrival offsets from the phase's start, in order, each below the phase's length. The k-th arrival falls where the
/// integrated rate Λ(t) reaches k (constant: 0, 1/r, 2/r, …) or the k-th point of a unit Poisson process (the time
/// change theorem of inhomogeneous Poisson processes; Çinlar, "Introduction to Stochastic Processes", 1975). No drift:
/// every offset is computed from Λ, not from the one before.
class OpenSchedule {
public:
    /// Nothing arrives at or after `length`, however long the stages are. `scale` > 0 multiplies every rate. Depends on
    /// `random` only with Gaps::poisson.
    OpenSchedule(std::vector<RateStage> stages, Duration length, Gaps gaps, Random random, double scale = 1);

    /// Nothing when the phase is over; then forever.
    [[nodiscard]] std::optional<Duration> next();

private:
    std::vector<RateStage> stages_;
    Duration length_;
    Gaps gaps_;
    Random random_;
    double scale_;
    std::size_t stage_ = 0;
    double stage_begin_seconds_ = 0;
    double mass_before_stage_ = 0; // Λ at the stage's begin
    double target_ = 0;            // Λ of the next arrival
    std::uint64_t count_ = 0;
    Duration last_{};
};

} // namespace squall::arrivals
