#include "refkit/limiter/gcra.hpp"

#include "refkit/mutants.hpp"

#include <algorithm>
#include <limits>

namespace squall::refkit {
namespace {

constexpr Duration shortest_spacing{100};
constexpr Duration longest_burst = std::chrono::hours(24 * 3650);

// Three decades before the end of what 64 bits count, so that no sum overflows; nobody's clock is there.
constexpr std::int64_t latest = std::numeric_limits<std::int64_t>::max() - 3 * Duration(longest_burst).count();

std::int64_t spacing_of(const GcraParams& params)
{
    const auto calls = static_cast<std::int64_t>(params.calls);
    return params.period.count() / calls + (params.period.count() % calls != 0 ? 1 : 0);
}

} // namespace

Result<void> check(const GcraParams& params)
{
    if (params.calls < 1 || params.burst < 1) {
        return fail("rate limiter: the calls a period and the burst must be at least 1");
    }
    if (params.period <= Duration::zero() || params.period > longest_burst) {
        return fail("rate limiter: the period must be longer than 0 and at most ten years");
    }
    if (params.calls > static_cast<std::uint64_t>(params.period / shortest_spacing)) {
        return fail("rate limiter: {} calls in {} are more than one in {}", params.calls,
                    format_duration(params.period), format_duration(shortest_spacing));
    }
    if (params.burst > static_cast<std::uint64_t>(longest_burst.count() / spacing_of(params))) {
        return fail("rate limiter: a burst of {} calls is worth more than ten years", params.burst);
    }
    return {};
}

Gcra::Gcra(const GcraParams& params)
    : spacing_((require_valid(check(params)), spacing_of(params))),
      tolerance_(spacing_ * static_cast<std::int64_t>(params.burst - 1)),
      arrival_(std::numeric_limits<Nanoseconds>::min())
{}

/// Where a call admitted now leaves the arrival at most.
Gcra::Nanoseconds Gcra::furthest(Nanoseconds now) const
{
    return now + tolerance_ + spacing_;
}

/// The minute: threads read the clock before they come here, and one may be held up on the way. It is no jump that
/// another was admitted meanwhile.
bool Gcra::jumped(Nanoseconds arrival, Nanoseconds now) const
{
    return !SQUALL_MUTANT(rate_trusts_clock) && arrival > furthest(now) + Duration(std::chrono::minutes(1)).count();
}

Admission<void> Gcra::try_acquire(Instant at)
{
    const auto now = std::min(at.time_since_epoch().count(), latest);
    auto arrival = arrival_.load(std::memory_order_relaxed);
    while (true) {
        if (jumped(arrival, now)) {
            // Fails only when another thread has just healed it or was admitted: either way, look again.
            if (arrival_.compare_exchange_weak(arrival, furthest(now), std::memory_order_relaxed)) {
                arrival = furthest(now);
            }
            continue;
        }
        const auto expected = std::max(arrival, now);
        const auto wait = (expected - now) - tolerance_;
        if (wait > 0) {
            return rejected<void>(Errc::rate_limited, Duration(wait));
        }
        if (arrival_.compare_exchange_weak(arrival, expected + spacing_, std::memory_order_relaxed)) {
            return {};
        }
    }
}

Duration Gcra::time_until_turn(Instant at, std::uint64_t before) const
{
    const auto now = std::min(at.time_since_epoch().count(), latest);
    auto arrival = arrival_.load(std::memory_order_relaxed);
    if (jumped(arrival, now)) {
        arrival = furthest(now);
    }
    const auto own = (std::max(arrival, now) - now) - tolerance_;
    constexpr auto most = std::numeric_limits<Nanoseconds>::max() / 4;
    const auto turns = std::min(before, static_cast<std::uint64_t>(most / spacing_));
    return Duration(std::max<Nanoseconds>(0, own + static_cast<Nanoseconds>(turns) * spacing_));
}

} // namespace squall::refkit
