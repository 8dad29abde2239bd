// Whether a queue is standing: controlled delay (K. Nichols and V. Jacobson, RFC 8289) in the form for servers (B.
// Maurer, "Fail at scale", ACM Queue 2015): a queue that was not once short in a whole interval is overloaded, and
// while it is, who waited longer than twice the target is shed.
#pragma once

#include "base/time.hpp"
#include "refkit/limiter/limiter_params.hpp"
#include "refkit/rejection.hpp"

namespace squall::refkit {

/// One thread; pure.
class Codel {
public:
    /// Throws std::invalid_argument when check(params) finds something broken.
    explicit Codel(CodelParams params) : params_(params) { require_valid(check(params_)); }

    /// A caller leaves the queue now after `waited`: true when it is to be shed. The first of an interval never is.
    bool shed(Instant now, Duration waited);
    [[nodiscard]] bool overloaded() const { return overloaded_; }

private:
    CodelParams params_;
    bool begun_ = false;
    bool overloaded_ = false;
    Instant interval_end_{};
    Duration shortest_{}; // wait of this interval
};

} // namespace squall::refkit
