// How often a look may be taken that costs time.
#pragma once

#include "base/time.hpp"

#include <algorithm>

namespace squall::probes {

/// Lets a dear look happen in at most a twentieth of the time, and not before `pause` is over.
class Sparingly {
public:
    explicit Sparingly(Duration pause) : pause_(pause) {}

    [[nodiscard]] bool due(Instant now) const { return now >= next_; }
    void done(Instant began, Instant ended) { next_ = began + std::max<Duration>(pause_, 20 * (ended - began)); }

private:
    Duration pause_;
    Instant next_ = Instant::min();
};

} // namespace squall::probes
