// Reads the clock that a part was given.
#pragma once

#include "base/time.hpp"

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

private:
    std::shared_ptr<const Clock> clock_;
    bool steady_;
};

} // namespace squall::refkit
