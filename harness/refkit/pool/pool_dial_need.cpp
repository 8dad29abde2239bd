#include "refkit/pool/pool_dial_need.hpp"

#include <algorithm>
#include <cmath>

namespace squall::refkit {

std::size_t DialNeed::more(std::size_t waiters, std::size_t open, Duration stalled) const
{
    if (dial_ && stalled >= *patience()) {
        return waiters;
    }
    if (!dial_ || !loan_) {
        return std::min(waiters, std::max<std::size_t>(open, 1));
    }
    const double queued = static_cast<double>(waiters) * to_seconds(*loan_);
    const double wanted = std::ceil(queued / std::max(to_seconds(*dial_), 1e-9));
    if (wanted >= static_cast<double>(waiters + open)) {
        return waiters;
    }
    const auto in_all = static_cast<std::size_t>(wanted);
    return std::min(waiters, in_all - std::min(in_all, open));
}

} // namespace squall::refkit
