#include "refkit/breaker/outcome_window.hpp"

#include "refkit/breaker/breaker_state.hpp"

#include <algorithm>

namespace squall::refkit {
namespace {

constexpr std::uint64_t low_32 = 0xffff'ffff;

} // namespace

void FailureRun::reset(std::uint64_t generation)
{
    run_.store(generation << 32, std::memory_order_relaxed);
}

std::optional<WindowCounts> FailureRun::record(std::uint64_t generation, Instant, Outcome outcome)
{
    auto word = run_.load(std::memory_order_relaxed);
    while (true) {
        if (word >> 32 != (generation & low_32)) {
            return std::nullopt;
        }
        const auto run = word & low_32;
        const auto next = outcome.failed ? run + (run < low_32 ? 1U : 0U) : 0U;
        if (next == run || run_.compare_exchange_weak(word, (generation << 32) | next, std::memory_order_relaxed)) {
            return WindowCounts{next, next, 0};
        }
    }
}

WindowCounts FailureRun::counts(Instant) const
{
    const auto run = run_.load(std::memory_order_relaxed) & low_32;
    return {run, run, 0};
}

namespace {

Duration::rep second_of(Instant now)
{
    return std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
}

std::variant<FailureRun, CallRing, SecondBuckets> make_window(const std::variant<ConsecutiveFailures, Rates>& rule)
{
    using Window = std::variant<FailureRun, CallRing, SecondBuckets>;
    const auto* rates = std::get_if<Rates>(&rule);
    if (rates == nullptr) {
        return Window(std::in_place_type<FailureRun>);
    }
    if (const auto* calls = std::get_if<LastCalls>(&rates->window)) {
        return Window(std::in_place_type<CallRing>, calls->calls);
    }
    return Window(std::in_place_type<SecondBuckets>, std::get<LastSeconds>(rates->window).span);
}

constexpr std::uint64_t bucket_mask = (1U << 18) - 1;

std::uint64_t bucket_tag(std::uint64_t generation)
{
    return generation << 54;
}

WindowCounts bucket_counts(std::uint64_t word)
{
    return {word & bucket_mask, (word >> 18) & bucket_mask, (word >> 36) & bucket_mask};
}

void add(WindowCounts& sum, const WindowCounts& counts)
{
    sum.calls += counts.calls;
    sum.failures += counts.failures;
    sum.slow += counts.slow;
}

} // namespace

bool SecondBuckets::out_of_date(std::int64_t second, std::int64_t current) const
{
    return second > current || current - second >= span_ + 60;
}

void SecondBuckets::reset(std::uint64_t generation)
{
    const std::lock_guard lock(turning_);
    generation_ = generation;
    for (auto& bucket : buckets_) {
        bucket.store(bucket_tag(generation), std::memory_order_relaxed);
    }
    const auto version = version_.load(std::memory_order_relaxed);
    version_.store(version | 1, std::memory_order_relaxed);
    past_calls_.store(0, std::memory_order_release);
    past_failures_.store(0, std::memory_order_release);
    past_slow_.store(0, std::memory_order_release);
    version_.store(version, std::memory_order_release);
}

void SecondBuckets::turn_to(std::int64_t second)
{
    const std::lock_guard lock(turning_);
    const auto version = version_.load(std::memory_order_relaxed);
    const auto current = version >> 1;
    if (!out_of_date(second, current)) {
        return; // somebody was faster
    }
    version_.store(version | 1, std::memory_order_relaxed);
    const auto size = static_cast<std::int64_t>(buckets_.size());
    const auto first = second < current || second - current >= size ? second - size + 1 : current + 1;
    for (auto at = first; at <= second; ++at) {
        buckets_[index(at)].store(bucket_tag(generation_), std::memory_order_release);
    }
    WindowCounts past;
    for (auto at = second - span_ + 1; at < second; ++at) {
        add(past, bucket_counts(buckets_[index(at)].load(std::memory_order_relaxed)));
    }
    past_calls_.store(past.calls, std::memory_order_release);
    past_failures_.store(past.failures, std::memory_order_release);
    past_slow_.store(past.slow, std::memory_order_release);
    version_.store(second * 2, std::memory_order_release);
}

WindowCounts SecondBuckets::past() const
{
    return {past_calls_.load(std::memory_order_acquire), past_failures_.load(std::memory_order_acquire),
            past_slow_.load(std::memory_order_acquire)};
}

std::optional<WindowCounts> SecondBuckets::record(std::uint64_t generation, Instant now, Outcome outcome)
{
    if (const auto second = second_of(now); out_of_date(second, version_.load(std::memory_order_relaxed) >> 1)) {
        turn_to(second);
    }
    const auto version = version_.load(std::memory_order_acquire);
    auto counts = past();
    const bool consistent = (version & 1) == 0 && version_.load(std::memory_order_relaxed) == version;
    auto& bucket = buckets_[index(version >> 1)];
    auto word = bucket.load(std::memory_order_relaxed);
    const auto added = 1 + (outcome.failed ? std::uint64_t{1} << 18 : 0) + (outcome.slow ? std::uint64_t{1} << 36 : 0);
    std::uint64_t next = 0;
    do {
        if (word >> 54 != bucket_tag(generation) >> 54) {
            return std::nullopt;
        }
        next = (word & bucket_mask) == bucket_mask ? word : word + added;
    } while (!bucket.compare_exchange_weak(word, next, std::memory_order_relaxed));
    if (!consistent) {
        return WindowCounts(); // the second is just turning: the next outcome decides
    }
    add(counts, bucket_counts(next));
    return counts;
}

WindowCounts SecondBuckets::counts(Instant now) const
{
    const auto newest = version_.load(std::memory_order_acquire) >> 1;
    WindowCounts sum;
    for (auto second = std::max(newest, second_of(now)) - span_ + 1; second <= newest; ++second) {
        add(sum, bucket_counts(buckets_[index(second)].load(std::memory_order_relaxed)));
    }
    return sum;
}

OutcomeWindow::OutcomeWindow(const std::variant<ConsecutiveFailures, Rates>& rule)
    : rule_(rule),
      window_(make_window(rule))
{}

void OutcomeWindow::reset(std::uint64_t generation)
{
    std::visit([generation](auto& window) { window.reset(generation); }, window_);
}

bool OutcomeWindow::record(std::uint64_t generation, Instant now, Outcome outcome)
{
    const auto counts = std::visit([&](auto& window) { return window.record(generation, now, outcome); }, window_);
    if (!counts) {
        return false;
    }
    if (const auto* run = std::get_if<ConsecutiveFailures>(&rule_)) {
        return counts->failures >= run->count;
    }
    const auto& rates = std::get<Rates>(rule_);
    return counts->calls >= rates.min_calls && reaches(rates, *counts);
}

WindowCounts OutcomeWindow::counts(Instant now) const
{
    return std::visit([now](const auto& window) { return window.counts(now); }, window_);
}

} // namespace squall::refkit
