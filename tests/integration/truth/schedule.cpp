#include "integration/truth/schedule.hpp"

#include <algorithm>

namespace squall::truth {

Duration Stall::end_at(Duration at) const
{
    if (at < first) {
        return at;
    }
    const Duration within = (at - first) % period;
    return within < length ? at - within + length : at;
}

Duration Stall::next_begin(Duration at) const
{
    if (at <= first) {
        return first;
    }
    const Duration within = (at - first) % period;
    return within == Duration::zero() ? at : at - within + period;
}

Duration StallFifo::release(Duration arrival)
{
    const Duration begin = stall_.end_at(std::max(arrival, free_));
    free_ = begin + service_;
    if (stall_.next_begin(begin) < free_) {
        free_ += stall_.length;
    }
    return free_;
}

Duration ConstantQueue::release(Duration arrival)
{
    free_ = std::max(arrival, free_) + service_;
    return free_;
}

Duration ExponentialQueue::release(Duration arrival)
{
    free_ = std::max(arrival, free_) + from_seconds(random_.exponential(to_seconds(mean_)));
    return free_;
}

Duration ExponentialServers::release(Duration arrival)
{
    return arrival + from_seconds(random_.exponential(to_seconds(mean_)));
}

Duration FractionSlow::release(Duration arrival)
{
    return arrival + (random_.uniform() < share_.value() ? slow_ : fast_);
}

} // namespace squall::truth
