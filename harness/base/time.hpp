// Durations, instants and the clock that is passed in: nothing below cli and engine asks the system for the time
// itself.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace squall {

using Duration = std::chrono::nanoseconds;
using Instant = std::chrono::steady_clock::time_point;

/// The monotonic clock of a run. Thread-safe.
class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Instant now() const = 0;
};

/// std::chrono::steady_clock.
class SteadyClock final : public Clock {
public:
    [[nodiscard]] Instant now() const override { return std::chrono::steady_clock::now(); }
};

/// A clock that moves only when a test moves it. Not thread-safe.
class ManualClock final : public Clock {
public:
    [[nodiscard]] Instant now() const override { return now_; }
    void advance(Duration by) { now_ += by; }

private:
    Instant now_{};
};

[[nodiscard]] constexpr double to_seconds(Duration duration)
{
    return std::chrono::duration<double>(duration).count();
}

[[nodiscard]] constexpr Duration from_seconds(double seconds)
{
    return Duration(static_cast<Duration::rep>(seconds * 1e9));
}

/// Parses "250ms", "1.5s", "2m", "1h", "40us", "7ns", and sums of them in falling order such as "1m30s".
/// A number without a unit, a negative one and one beyond 10 years are errors that name the accepted units.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);

/// The shortest reading with 3 significant digits: "250ms", "1.50s", "2m 5s".
[[nodiscard]] std::string format_duration(Duration duration);

} // namespace squall
