// What a circuit breaker is told and what it tells.
#pragma once

#include "base/quantity.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace squall::refkit {

/// Trips on this many failures with no success between them.
struct ConsecutiveFailures {
    std::uint32_t count = 5;
};

/// The window is the last so many calls, at most 10,000.
struct LastCalls {
    std::uint32_t calls = 100;
};
/// The window is this second and the ones before it, in buckets of one second each; at most an hour.
struct LastSeconds {
    std::chrono::seconds span{60};
};

/// Trips when a share of the calls in the window failed, or was slow.
struct Rates {
    std::variant<LastCalls, LastSeconds> window = LastCalls{};
    std::uint32_t min_calls = 20; // fewer in the window prove nothing; at most 100,000, and at most the window's calls
    std::optional<Ratio> failure_rate = Ratio::of(0.5); // at least this share; nothing: failures never trip
    std::optional<Ratio> slow_call_rate;                // the same for slow calls, failed or not
};

struct BreakerParams {
    std::variant<ConsecutiveFailures, Rates> rule = ConsecutiveFailures{};
    Duration slow_call = std::chrono::minutes(1);             // a call that takes at least this long is slow
    Duration open_wait = std::chrono::seconds(60);            // how long the first opening lasts
    double open_wait_growth = 1;                              // each further one in a row lasts this many times longer,
    Duration open_wait_longest = std::chrono::minutes(10);    // up to this
    Ratio open_wait_jitter;                                   // times 1 ± a random part of this; below 1
    std::uint32_t half_open_permits = 1;                      // calls that decide whether it closes
    Duration max_wait_in_half_open = std::chrono::minutes(1); // without a decision until then it opens again
};

/// Says what of `params` is broken: a zero or negative time, count or rate, a growth below 1, a window out of its
/// bounds, a longest wait below the first, no rate at all.
[[nodiscard]] Result<void> check(const BreakerParams& params);

enum class BreakerPhase {
    closed,       // calls pass and are judged
    open,         // calls are refused until a wait is over
    half_open,    // a few calls pass and decide
    forced_open,  // calls are refused until somebody says otherwise
    disabled,     // calls pass and are not counted
    metrics_only, // calls pass and are counted, and nothing trips
};
[[nodiscard]] std::string_view to_string(BreakerPhase phase);

/// Generations count up with every change of phase. An observer that sees two transitions out of order, because two
/// threads reported them, can tell by it.
struct Transition {
    BreakerPhase from;
    BreakerPhase to;
    std::uint64_t generation;
    Instant at;
};

struct WindowCounts {
    std::uint64_t calls = 0;
    std::uint64_t failures = 0;
    std::uint64_t slow = 0;
    bool operator==(const WindowCounts&) const = default;
};

/// `window` is of this moment; the others count since the breaker was made.
struct BreakerStats {
    BreakerPhase phase = BreakerPhase::closed;
    WindowCounts window; // with ConsecutiveFailures: only `failures`, those in a row
    std::uint64_t transitions = 0;
    std::uint64_t successes = 0;
    std::uint64_t failures = 0;
    std::uint64_t slow = 0; // among those two
    std::uint64_t ignored = 0;
    std::uint64_t late = 0; // successes and failures of an earlier phase: they count here only
    std::uint64_t rejected = 0;
};

} // namespace squall::refkit
