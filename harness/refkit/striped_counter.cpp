#include "refkit/striped_counter.hpp"

#include <algorithm>
#include <bit>
#include <thread>

namespace squall::refkit {
namespace {

constinit std::atomic<std::uint64_t> taken_numbers{0};          // one bit each
constinit std::atomic<std::uint32_t> threads_without_number{0}; // so far

/// Acquires what the number's last thread released by giving it back.
std::uint32_t take_number()
{
    auto taken = taken_numbers.load(std::memory_order_relaxed);
    while (~taken != 0) {
        const auto number = std::countr_one(taken);
        if (taken_numbers.compare_exchange_weak(taken, taken | std::uint64_t{1} << number, std::memory_order_acquire,
                                                std::memory_order_relaxed)) {
            return static_cast<std::uint32_t>(number);
        }
    }
    return ThreadNumber::owned + threads_without_number.fetch_add(1, std::memory_order_relaxed) % ThreadNumber::owned;
}

} // namespace

struct ThreadNumber::Lease {
    std::uint32_t number = take_number();

    Lease() = default;
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease()
    {
        // What still counts while the thread ends, must not do so under the next one's number.
        own_and_one_ = owned + 1;
        if (number < owned) {
            taken_numbers.fetch_and(~(std::uint64_t{1} << number), std::memory_order_release);
        }
    }
};

std::uint32_t ThreadNumber::assign()
{
    const thread_local Lease lease;
    own_and_one_ = lease.number + 1;
    return lease.number;
}

std::size_t owned_stripes()
{
    static const auto cores = static_cast<std::size_t>(std::thread::hardware_concurrency()); // 0: nobody knows
    return std::clamp<std::size_t>(2 * cores, 8, ThreadNumber::owned);
}

} // namespace squall::refkit
