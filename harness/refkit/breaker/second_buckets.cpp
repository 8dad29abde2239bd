#include "refkit/breaker/outcome_window.hpp"

#include <algorithm>

namespace squall::refkit {
namespace {

constexpr std::uint64_t bucket_mask = (1U << 18) - 1;
constexpr unsigned well_bits = 40; // they wrap, and so do differences of them
constexpr std::uint64_t well_mask = (std::uint64_t{1} << well_bits) - 1;

Duration::rep second_of(Instant now)
{
    return std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
}

std::uint64_t tag_of(std::uint64_t generation)
{
    return generation << 54;
}

bool is_of(std::uint64_t word, std::uint64_t generation)
{
    return (word ^ tag_of(generation)) >> 54 == 0;
}

WindowCounts bucket_counts(std::uint64_t word)
{
    return {word & bucket_mask, (word >> 18) & bucket_mask, (word >> 36) & bucket_mask};
}

bool is_full(std::uint64_t bucket)
{
    return (bucket & bucket_mask) == bucket_mask;
}

void add_to(WindowCounts& sum, const WindowCounts& counts)
{
    sum.calls += counts.calls;
    sum.failures += counts.failures;
    sum.slow += counts.slow;
}

/// What a cell with `word` counts of `generation`: nothing, where it is of an earlier one.
std::uint64_t well_of(std::uint64_t word, std::uint64_t generation)
{
    return (word ^ generation << well_bits) >> well_bits == 0 ? word & well_mask : 0;
}

/// The cell with one more call of `generation`; nothing when it has gone on to a later one. The 24 bits wrap.
std::optional<std::uint64_t> one_more(std::uint64_t word, std::uint64_t generation)
{
    const auto tag = generation << well_bits;
    if (static_cast<std::int64_t>((word & ~well_mask) - tag) > 0) {
        return std::nullopt;
    }
    return tag | ((well_of(word, generation) + 1) & well_mask);
}

} // namespace

/// Without a division, for which every call would wait; modulo 2^64, so that no instant is too far away.
bool SecondBuckets::out_of_date(Instant now, std::int64_t newest) const
{
    constexpr std::uint64_t second = std::nano::den;
    const auto since =
        static_cast<std::uint64_t>(now.time_since_epoch().count()) - static_cast<std::uint64_t>(newest) * second;
    const auto back = static_cast<std::uint64_t>(span_ + 59) * second;
    return since + back >= back + second;
}

void SecondBuckets::reset(std::uint64_t generation)
{
    const std::lock_guard lock(turning_);
    const auto version = version_.load(std::memory_order_relaxed);
    version_.store(version | 1, std::memory_order_relaxed);
    for (auto& bucket : buckets_) {
        bucket.store(tag_of(generation), std::memory_order_release);
    }
    for (auto& well : well_) {
        well.store(0, std::memory_order_relaxed);
    }
    generation_.store(generation, std::memory_order_release);
    well_before_.store(well_so_far(), std::memory_order_release);
    past_calls_.store(0, std::memory_order_release);
    past_failures_.store(0, std::memory_order_release);
    past_slow_.store(0, std::memory_order_release);
    version_.store(version, std::memory_order_release);
}

void SecondBuckets::turn_to(Instant now)
{
    const auto second = second_of(now);
    const std::lock_guard lock(turning_);
    const auto version = version_.load(std::memory_order_relaxed);
    const auto current = version >> 1;
    if (!out_of_date(now, current)) {
        return; // somebody was faster
    }
    version_.store(version | 1, std::memory_order_relaxed);
    const auto generation = generation_.load(std::memory_order_relaxed);
    const auto well = well_so_far();
    well_[index(current)].store((well - well_before_.load(std::memory_order_relaxed)) & well_mask,
                                std::memory_order_relaxed);
    well_before_.store(well, std::memory_order_release);
    const auto size = static_cast<std::int64_t>(buckets_.size());
    const auto first = second < current || second - current >= size ? second - size + 1 : current + 1;
    for (auto at = first; at <= second; ++at) {
        buckets_[index(at)].store(tag_of(generation), std::memory_order_release);
        well_[index(at)].store(0, std::memory_order_relaxed);
    }
    WindowCounts past;
    for (auto at = second - span_ + 1; at < second; ++at) {
        add_to(past, bucket_counts(buckets_[index(at)].load(std::memory_order_relaxed)));
        past.calls += well_[index(at)].load(std::memory_order_relaxed);
    }
    past_calls_.store(past.calls, std::memory_order_release);
    past_failures_.store(past.failures, std::memory_order_release);
    past_slow_.store(past.slow, std::memory_order_release);
    version_.store(second * 2, std::memory_order_release);
}

/// An outcome that is late, because its thread was stopped before this, counts for its own generation, of which nobody
/// asks any more.
[[gnu::always_inline]] inline bool SecondBuckets::add_well(std::uint64_t generation)
{
    const auto [cell, alone] = well_cells_.mine();
    auto word = cell.load(std::memory_order_relaxed);
    auto next = one_more(word, generation);
    if (next && alone) {
        cell.store(*next, std::memory_order_relaxed);
        return true;
    }
    while (next && !cell.compare_exchange_weak(word, *next, std::memory_order_relaxed)) {
        next = one_more(word, generation);
    }
    return next.has_value();
}

[[gnu::always_inline]] inline bool SecondBuckets::add(std::uint64_t generation, Instant now, Outcome outcome)
{
    if (out_of_date(now, version_.load(std::memory_order_relaxed) >> 1)) {
        turn_to(now);
    }
    auto& bucket = buckets_[index(version_.load(std::memory_order_acquire) >> 1)];
    auto word = bucket.load(std::memory_order_relaxed);
    if (!outcome.failed && !outcome.slow) {
        return is_of(word, generation) && (is_full(word) || add_well(generation));
    }
    const auto added = 1 + (outcome.failed ? std::uint64_t{1} << 18 : 0) + (outcome.slow ? std::uint64_t{1} << 36 : 0);
    do {
        if (!is_of(word, generation)) {
            return false;
        }
    } while (!is_full(word) && !bucket.compare_exchange_weak(word, word + added, std::memory_order_relaxed));
    return true;
}

std::uint64_t SecondBuckets::well_so_far() const
{
    const auto generation = generation_.load(std::memory_order_acquire);
    std::uint64_t sum = 0;
    for (const auto& line : well_cells_.all()) {
        sum += well_of(line.content.load(std::memory_order_acquire), generation);
    }
    return sum & well_mask;
}

std::uint64_t SecondBuckets::well_now() const
{
    const auto before = well_before_.load(std::memory_order_acquire);
    return (well_so_far() - before) & well_mask;
}

/// The window at one moment: while the failures and slow calls of the newest second stay as they are, all else of it
/// only grows, one call at a time, and passes through what was summed. Nothing when they did not stay so.
std::optional<WindowCounts> SecondBuckets::snapshot() const
{
    const auto version = version_.load(std::memory_order_acquire);
    const auto& bucket = buckets_[index(version >> 1)];
    const auto before = bucket.load(std::memory_order_acquire);
    WindowCounts counts{past_calls_.load(std::memory_order_acquire), past_failures_.load(std::memory_order_acquire),
                        past_slow_.load(std::memory_order_acquire)};
    counts.calls += well_now();
    const bool stayed = (version & 1) == 0 && bucket.load(std::memory_order_acquire) == before &&
                        version_.load(std::memory_order_relaxed) == version;
    add_to(counts, bucket_counts(before));
    return stayed ? std::optional(counts) : std::nullopt;
}

WindowCounts SecondBuckets::look() const
{
    constexpr int tries = 10;
    for (int i = 0; i < tries; ++i) {
        if (const auto counts = snapshot()) {
            return *counts;
        }
    }
    const std::lock_guard lock(turning_); // whoever is turning the second may have been stopped in its midst
    auto counts = snapshot();
    while (!counts) {
        counts = snapshot();
    }
    return *counts;
}

std::optional<WindowCounts> SecondBuckets::record(std::uint64_t generation, Instant now, Outcome outcome)
{
    return add(generation, now, outcome) ? std::optional(look()) : std::nullopt;
}

std::optional<WindowCounts> SecondBuckets::record_if_of_interest(std::uint64_t generation, Instant now, Outcome outcome,
                                                                 std::uint32_t min_calls)
{
    if (!add(generation, now, outcome)) {
        return std::nullopt;
    }
    const auto here = generation << 34 ^ static_cast<std::uint64_t>(version_.load(std::memory_order_acquire));
    const bool went_well = !outcome.failed && !outcome.slow;
    if (went_well && enough_in_.load(std::memory_order_relaxed) == here) {
        return std::nullopt;
    }
    const auto counts = look();
    if (counts.calls >= min_calls) {
        enough_in_.store(here, std::memory_order_relaxed);
    }
    return counts;
}

WindowCounts SecondBuckets::counts(Instant now) const
{
    const std::lock_guard lock(turning_);
    const auto newest = version_.load(std::memory_order_relaxed) >> 1;
    const auto first = std::max(newest, second_of(now)) - span_ + 1;
    WindowCounts sum;
    sum.calls += first <= newest ? well_now() : 0;
    for (auto second = first; second <= newest; ++second) {
        add_to(sum, bucket_counts(buckets_[index(second)].load(std::memory_order_relaxed)));
        sum.calls += well_[index(second)].load(std::memory_order_relaxed);
    }
    return sum;
}

} // namespace squall::refkit
