#include "arrivals/open_schedule.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace squall::arrivals {
namespace {

/// Arrivals of a whole stage.
double mass_of(const RateStage& stage, double scale)
{
    return scale * (stage.from.per_second() + stage.to.per_second()) / 2 * to_seconds(stage.length);
}

/// Where in the stage the integrated rate reaches `mass`: a·t + (b − a)·t²/(2L) = mass, by the root that stays exact
/// when the quadratic part is small.
double seconds_at(const RateStage& stage, double scale, double mass)
{
    const double from = scale * stage.from.per_second();
    const double slope = scale * (stage.to.per_second() - stage.from.per_second()) / to_seconds(stage.length);
    const double root = std::sqrt(std::max(0.0, from * from + 2 * slope * mass));
    return from + root == 0 ? 0 : 2 * mass / (from + root);
}

} // namespace

OpenSchedule::OpenSchedule(std::vector<RateStage> stages, Duration length, Gaps gaps, Random random, double scale)
    : stages_(std::move(stages)),
      length_(length),
      gaps_(gaps),
      random_(random),
      scale_(scale)
{
    SQUALL_ASSERT(scale > 0);
}

std::optional<Duration> OpenSchedule::next()
{
    const double target = gaps_ == Gaps::constant ? static_cast<double>(count_) : target_ + random_.exponential(1);
    for (; stage_ < stages_.size(); ++stage_) {
        const auto& stage = stages_[stage_];
        const double mass = mass_of(stage, scale_);
        if (target < mass_before_stage_ + mass) {
            const double within = seconds_at(stage, scale_, target - mass_before_stage_);
            target_ = target;
            ++count_;
            // Rounded, not cut: 0.015 s is 15,000,000 ns although 0.015 has no exact binary form.
            const Duration at(std::llround((stage_begin_seconds_ + within) * 1e9));
            last_ = std::max(last_, at);
            return last_ < length_ ? std::optional(last_) : std::nullopt;
        }
        mass_before_stage_ += mass;
        stage_begin_seconds_ += to_seconds(stage.length);
    }
    return std::nullopt;
}

} // namespace squall::arrivals
