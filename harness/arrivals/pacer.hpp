// Any open model. Pure.
#pragma once

#include "arrivals/open_schedule.hpp"
#include "arrivals/replay.hpp"

#include <utility>
#include <variant>

namespace squall::arrivals {

/// Arrival offsets from the phase's start, in order, whatever gives them.
class Pacer {
public:
    explicit Pacer(OpenSchedule schedule) : model_(std::move(schedule)) {}
    explicit Pacer(Replay replay) : model_(std::move(replay)) {}

    /// Nothing when no more will arrive; then forever.
    [[nodiscard]] std::optional<Duration> next()
    {
        return std::visit([](auto& model) { return model.next(); }, model_);
    }

private:
    std::variant<OpenSchedule, Replay> model_;
};

} // namespace squall::arrivals
