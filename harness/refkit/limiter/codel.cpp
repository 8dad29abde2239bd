#include "refkit/limiter/codel.hpp"

#include "refkit/mutants.hpp"

#include <algorithm>

namespace squall::refkit {

Result<void> check(const CodelParams& params)
{
    if (params.target <= Duration::zero() || params.interval <= Duration::zero()) {
        return fail("queue: CoDel's target and interval must be longer than 0");
    }
    if (params.target > params.interval) {
        return fail("queue: CoDel's target of {} is longer than its interval of {}", format_duration(params.target),
                    format_duration(params.interval));
    }
    return {};
}

bool Codel::shed(Instant now, Duration waited)
{
    // An interval that lies further ahead than it is long was begun before the clock jumped back.
    const bool over = now >= interval_end_ || interval_end_ - now > params_.interval;
    if (!begun_ || over) {
        // After a silence of more than an interval the last one's verdict is old news.
        const bool fresh = begun_ && now < saturating_add(interval_end_, params_.interval);
        overloaded_ = fresh && shortest_ > params_.target;
        begun_ = true;
        interval_end_ = saturating_add(now, params_.interval);
        shortest_ = waited;
        return SQUALL_MUTANT(codel_sheds_first) && overloaded_ && waited > 2 * params_.target;
    }
    shortest_ = std::min(shortest_, waited);
    return overloaded_ && waited > 2 * params_.target;
}

} // namespace squall::refkit
