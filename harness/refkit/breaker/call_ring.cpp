#include "refkit/breaker/outcome_window.hpp"

namespace squall::refkit {
namespace {

// A slot: generation : 16, unused : 13, slow, failed, taken.
constexpr std::uint32_t taken = 1;
constexpr std::uint32_t failed = 2;
constexpr std::uint32_t slow = 4;

// The sums: generation : 16, slow : 16, failed : 16, taken : 16. Between a slot's exchange and the addition of its
// difference a count may be below zero for a moment; the bias keeps it from borrowing of its neighbour.
constexpr std::uint64_t bias = 1U << 14;
constexpr std::uint64_t empty_sums = bias | bias << 16 | bias << 32;

std::uint32_t slot_tag(std::uint64_t generation)
{
    return static_cast<std::uint32_t>(generation & 0xffff) << 16;
}

std::uint64_t sums_tag(std::uint64_t generation)
{
    return generation << 48;
}

std::uint64_t as_sums(std::uint32_t slot)
{
    return ((slot & taken) != 0 ? 1U : 0U) + ((slot & failed) != 0 ? std::uint64_t{1} << 16 : 0) +
           ((slot & slow) != 0 ? std::uint64_t{1} << 32 : 0);
}

std::uint64_t count_at(std::uint64_t sums, unsigned shift)
{
    const auto biased = (sums >> shift) & 0xffff;
    return biased > bias ? biased - bias : 0;
}

WindowCounts counts_of(std::uint64_t sums)
{
    return {count_at(sums, 0), count_at(sums, 16), count_at(sums, 32)};
}

/// Whether the generation of `slot` came after the given one; the 16 bits wrap.
bool is_newer(std::uint32_t slot, std::uint64_t generation)
{
    const auto ahead = static_cast<std::uint16_t>((slot >> 16) - static_cast<std::uint32_t>(generation & 0xffff));
    return ahead != 0 && ahead < 0x8000;
}

} // namespace

void CallRing::reset(std::uint64_t generation)
{
    sums_.word.store(sums_tag(generation) | empty_sums, std::memory_order_relaxed);
    next_.word.store(generation << 32, std::memory_order_relaxed);
}

std::optional<WindowCounts> CallRing::record(std::uint64_t generation, Instant, Outcome outcome)
{
    const bool went_well = !outcome.failed && !outcome.slow;
    if (went_well &&
        sums_.word.load(std::memory_order_relaxed) == (sums_tag(generation) | empty_sums) + slots_.size()) {
        return WindowCounts{slots_.size(), 0, 0};
    }
    const auto tag = generation & 0xffff'ffff;
    auto next = next_.word.load(std::memory_order_relaxed);
    std::uint64_t position = 0;
    do {
        if (next >> 32 != tag) {
            return std::nullopt;
        }
        position = next & 0xffff'ffff;
        // Wraps at the ring's end, so that no lap is cut short.
    } while (!next_.word.compare_exchange_weak(next, (tag << 32) | ((position + 1 < slots_.size() ? position + 1 : 0)),
                                               std::memory_order_relaxed));

    auto& slot = slots_[position];
    const auto mine = slot_tag(generation) | taken | (outcome.failed ? failed : 0U) | (outcome.slow ? slow : 0U);
    auto before = slot.load(std::memory_order_relaxed);
    do {
        if (is_newer(before, generation)) {
            return std::nullopt;
        }
        // What puts in what it takes out changes nothing: most calls are well, and so were those before them.
    } while (before != mine && !slot.compare_exchange_weak(before, mine, std::memory_order_relaxed));
    const bool replaced = (before & taken) != 0 && before >> 16 == mine >> 16;
    const auto difference = as_sums(mine) - (replaced ? as_sums(before) : 0);

    auto sums = sums_.word.load(std::memory_order_relaxed);
    do {
        if (sums >> 48 != (generation & 0xffff)) {
            return std::nullopt;
        }
    } while (difference != 0 && !sums_.word.compare_exchange_weak(sums, sums + difference, std::memory_order_relaxed));
    return counts_of(sums + difference);
}

WindowCounts CallRing::counts(Instant) const
{
    return counts_of(sums_.word.load(std::memory_order_relaxed));
}

} // namespace squall::refkit
