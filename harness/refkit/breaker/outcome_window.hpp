// The calls that a closed breaker judges by, counted by many threads at once without a lock.
//
// Every count is packed into one word with the generation that it belongs to: a late outcome of an earlier generation
// finds another tag and changes nothing, and a decision is made on one consistent snapshot.
#pragma once

#include "base/time.hpp"
#include "refkit/breaker/breaker_params.hpp"
#include "refkit/striped_counter.hpp"

#include <atomic>
#include <bit>
#include <cstdint>
#include <mutex>
#include <optional>
#include <variant>
#include <vector>

namespace squall::refkit {

struct Outcome {
    bool failed = false;
    bool slow = false;
};

/// Failures with no success between them. record(): at most 1 read-modify-write; none for a success after a success.
class FailureRun {
public:
    void reset(std::uint64_t generation);
    /// The window with this outcome in it; nothing when the generation is over.
    std::optional<WindowCounts> record(std::uint64_t generation, Instant now, Outcome outcome);
    [[nodiscard]] WindowCounts counts(Instant now) const;

private:
    std::atomic<std::uint64_t> run_{0}; // generation : 32, failures in a row : 32
};

/// The last n calls. record(): at most 3 read-modify-writes; 1 where the call that it replaces went the same way; none
/// for a call that went well after n that did: whichever of them it replaced, the ring would stay as it is. Each
/// slot of the ring is exchanged, and what the exchange took out and put in is added to the sums: whoever overtakes
/// whom, the sums end up true to the slots.
class CallRing {
public:
    explicit CallRing(std::uint32_t calls) : slots_(calls) {}
    void reset(std::uint64_t generation);
    std::optional<WindowCounts> record(std::uint64_t generation, Instant now, Outcome outcome);
    [[nodiscard]] WindowCounts counts(Instant now) const;

private:
    LonelyWord next_;                               // generation : 32, calls so far : 32
    LonelyWord sums_;                               // generation : 16, then three counts of 16 bits, each with a bias
    std::vector<std::atomic<std::uint32_t>> slots_; // generation : 16, …, slow, failed, taken
};

/// The calls of the last n seconds in buckets of one second. Adding is 1 read-modify-write, for a call that went well
/// only a store in a stripe of the thread's own. A lock is taken once a second by whoever comes first, and by who was
/// disturbed ten times in a row while it looked at all. After 262,143 calls in a second that failed or were slow, no
/// more of that second are counted. A clock that goes back by more than the span and a minute empties the window.
class SecondBuckets {
public:
    explicit SecondBuckets(std::chrono::seconds span)
        : span_(span.count()),
          buckets_(std::bit_ceil(static_cast<std::size_t>(span.count()))),
          well_(buckets_.size())
    {}
    void reset(std::uint64_t generation);
    std::optional<WindowCounts> record(std::uint64_t generation, Instant now, Outcome outcome);
    /// As record(), and nothing as well when the outcome cannot be the one that makes a share of at least `min_calls`
    /// too great. A call that went well makes every share smaller, so it is only of interest while there are too few
    /// calls, and while nobody has looked at them in the newest second, in which older ones have left the window.
    std::optional<WindowCounts> record_if_of_interest(std::uint64_t generation, Instant now, Outcome outcome,
                                                      std::uint32_t min_calls);
    [[nodiscard]] WindowCounts counts(Instant now) const;

private:
    [[nodiscard]] std::size_t index(std::int64_t second) const
    {
        return static_cast<std::size_t>(second) & (buckets_.size() - 1);
    }
    [[nodiscard]] bool out_of_date(Instant now, std::int64_t newest) const;
    void turn_to(Instant now);
    [[nodiscard]] bool add(std::uint64_t generation, Instant now, Outcome outcome);
    [[nodiscard]] bool add_well(std::uint64_t generation);
    [[nodiscard]] std::optional<WindowCounts> snapshot() const;
    [[nodiscard]] WindowCounts look() const;
    [[nodiscard]] std::uint64_t well_so_far() const;
    [[nodiscard]] std::uint64_t well_now() const;

    std::int64_t span_;
    mutable std::mutex turning_;
    // Twice the second of the newest bucket; odd while the sums below are being changed (a sequence lock).
    std::atomic<std::int64_t> version_{0};
    std::atomic<std::uint64_t> generation_{0};
    std::atomic<std::uint64_t> well_before_{0}; // well_so_far() when the newest second began
    std::atomic<std::uint64_t> past_calls_{0};  // of the span but its newest second
    std::atomic<std::uint64_t> past_failures_{0};
    std::atomic<std::uint64_t> past_slow_{0};
    std::atomic<std::uint64_t> enough_in_{0}; // the generation and version that had the calls that it takes
    // At least as many as the span, and a power of two. Calls that failed or were slow: generation : 10, then three
    // counts of 18 bits.
    std::vector<std::atomic<std::uint64_t>> buckets_;
    std::vector<std::atomic<std::uint64_t>> well_;   // the other calls, of each second but the newest
    Stripes<std::atomic<std::uint64_t>> well_cells_; // and of the generation so far. generation : 24, count : 40
};

/// The window of a rule. Thread-safe; reset() by one thread at a time.
class OutcomeWindow {
public:
    /// `rule` must have passed check().
    explicit OutcomeWindow(const std::variant<ConsecutiveFailures, Rates>& rule);

    /// Empties the window for a new generation.
    void reset(std::uint64_t generation);
    /// Counts an outcome; true when the rule says that it is enough.
    bool record(std::uint64_t generation, Instant now, Outcome outcome);
    [[nodiscard]] WindowCounts counts(Instant now) const;

private:
    std::variant<ConsecutiveFailures, Rates> rule_;
    std::variant<FailureRun, CallRing, SecondBuckets> window_;
};

} // namespace squall::refkit
