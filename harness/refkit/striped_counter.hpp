// Counters that many threads count with at once and somebody sums now and then: each thread counts in cells of its own,
// as in Java's LongAdder (D. Lea), so that no call waits for a cache line that another core has just written.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace squall::refkit {

constexpr std::size_t cache_line = 64;

/// Numbers for running threads, the lowest first: no two of them share one below `owned`. A thread has its number from
/// its first question to its end, then another thread gets it, and sees all that was done under it.
class ThreadNumber {
public:
    static constexpr std::uint32_t owned = 64;
    [[nodiscard]] static std::uint32_t of_this_thread()
    {
        const auto known = own_and_one_;
        return known != 0 ? known - 1 : assign();
    }

private:
    struct Lease;
    static std::uint32_t assign();

    static constinit inline thread_local std::uint32_t own_and_one_ = 0; // 0: not asked yet
};

/// Stripes of one thread at a time each: twice as many as there are cores, at least 8 and at most ThreadNumber::owned.
[[nodiscard]] std::size_t owned_stripes();
/// And stripes of all threads that come after those.
constexpr std::size_t shared_stripes = 4;

/// Something on cache lines of its own for each thread. Memory: the lines of a `Content` for each stripe, 12 stripes on
/// 2 cores and at most 68.
template <typename Content>
class Stripes {
public:
    explicit Stripes(std::size_t owned = owned_stripes()) : owned_(owned), lines_(owned + shared_stripes) {}

    struct Mine {
        Content& content;
        bool alone; // no other thread writes it meanwhile
    };
    [[nodiscard]] Mine mine()
    {
        const std::size_t thread = ThreadNumber::of_this_thread();
        if (thread < owned_) {
            return {lines_[thread].content, true};
        }
        return {lines_[owned_ + thread % shared_stripes].content, false};
    }

    struct alignas(cache_line) Line {
        Content content{};
    };
    [[nodiscard]] std::vector<Line>& all() { return lines_; }
    [[nodiscard]] const std::vector<Line>& all() const { return lines_; }

private:
    std::size_t owned_;
    std::vector<Line> lines_; // not in the object itself: coroutine frames of GCC 12 keep no such alignment
};

/// `Counters` numbers, all from 0. Thread-safe. Counting is one load and one store in the thread's own stripe; for
/// threads that have none, a read-modify-write in one that they share. Not for signal handlers.
template <std::size_t Counters>
class StripedCounters {
public:
    explicit StripedCounters(std::size_t owned = owned_stripes()) : stripes_(owned) {}

    void count(std::size_t counter)
    {
        const auto [cells, alone] = stripes_.mine();
        auto& cell = cells[counter];
        if (alone) {
            cell.store(cell.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        } else {
            cell.fetch_add(1, std::memory_order_relaxed);
        }
    }

    /// All that was counted before; of what is counted meanwhile, some. Never less than it was.
    [[nodiscard]] std::uint64_t value(std::size_t counter) const
    {
        std::uint64_t sum = 0;
        for (const auto& line : stripes_.all()) {
            sum += line.content[counter].load(std::memory_order_relaxed);
        }
        return sum;
    }

private:
    Stripes<std::array<std::atomic<std::uint64_t>, Counters>> stripes_;
};

/// A word that every call writes, kept off the cache lines of its neighbours, which calls only read. By room around it,
/// not by alignment: see above.
struct LonelyWord {
    static constexpr std::size_t room = cache_line - sizeof(std::atomic<std::uint64_t>);
    std::array<std::byte, room> before{};
    std::atomic<std::uint64_t> word{0};
    std::array<std::byte, room> after{};
};

} // namespace squall::refkit
