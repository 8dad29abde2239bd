// Reads the clock that a part was given.
#pragma once

#include "base/time.hpp"

#include <ctime>
#include <memory>
#include <utility>

namespace squall::refkit {

/// The system's own clock is read without a virtual call: guards read it twice a call, and it is most of their cost.
class ClockReader {
public:
    explicit ClockReader(std::shared_ptr<const Clock> clock)
        : clock_(std::move(clock)),
          steady_(dynamic_cast<const SteadyClock*>(clock_.get()) != nullptr)
    {}
    [[nodiscard]] Instant now() const { return steady_ ? std::chrono::steady_clock::now() : clock_->now(); }
    /// As it was at the system's last tick, up to 10 ms ago, for a fifth of the cost where the system has such a
    /// reading: CLOCK_MONOTONIC_COARSE of Linux, of the epoch of libstdc++'s steady clock. May be before an earlier
    /// now().
    [[nodiscard]] Instant roughly_now() const
    {
#if defined(CLOCK_MONOTONIC_COARSE) && defined(__GLIBCXX__)
        if (timespec at{}; steady_ && clock_gettime(CLOCK_MONOTONIC_COARSE, &at) == 0) {
            return Instant(std::chrono::seconds(at.tv_sec) + std::chrono::nanoseconds(at.tv_nsec));
        }
#endif
        return now();
    }

private:
    std::shared_ptr<const Clock> clock_;
    bool steady_;
};

} // namespace squall::refkit
