// The seeded random generator of a run. Every use has its own named stream, so that adding one never moves another.
#pragma once

#include <cstdint>
#include <string_view>

namespace squall {

/// xoshiro256** seeded by SplitMix64 (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", 2021).
/// Satisfies UniformRandomBitGenerator. Not thread-safe: one a thread.
class Random {
public:
    using result_type = std::uint64_t;

    explicit Random(std::uint64_t seed);

    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return ~result_type{0}; }
    result_type operator()();

    /// Uniform in [0, 1).
    double uniform();
    /// Uniform in [low, high], both included; low ≤ high.
    std::int64_t between(std::int64_t low, std::int64_t high);
    /// Exponentially distributed with the given mean > 0.
    double exponential(double mean);

    /// A generator of its own for `label` and `index`; depends only on this one's seed, not on what was drawn.
    [[nodiscard]] Random stream(std::string_view label, std::uint64_t index = 0) const;

private:
    std::uint64_t seed_;
    std::uint64_t state_[4];
};

} // namespace squall
