#include "arrivals/replay.hpp"

#include "base/assert.hpp"

#include <cmath>
#include <utility>

namespace squall::arrivals {

Replay::Replay(std::shared_ptr<const std::vector<Duration>> offsets, Duration length, double scale)
    : offsets_(std::move(offsets)),
      length_(length),
      scale_(scale)
{
    SQUALL_ASSERT(scale > 0);
}

std::optional<Duration> Replay::next()
{
    if (at_ == offsets_->size()) {
        return std::nullopt;
    }
    const auto recorded = (*offsets_)[at_];
    const auto offset = scale_ == 1 ? recorded : Duration(std::llround(static_cast<double>(recorded.count()) / scale_));
    if (offset >= length_) {
        at_ = offsets_->size();
        return std::nullopt;
    }
    ++at_;
    return offset;
}

} // namespace squall::arrivals
