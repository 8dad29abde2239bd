// Closed model: how many users are wanted at each instant. Pure.
#pragma once

#include "base/time.hpp"

#include <optional>
#include <vector>

namespace squall::arrivals {

/// Users move linearly from the level before (0 at first) to `users` over `length`. A length of 0 is a jump.
struct UserStage {
    Duration length{};
    int users = 0;
};

/// Offsets are from the phase's start. After the last stage its level holds.
class ClosedPopulation {
public:
    /// `scale` > 0 multiplies every level, rounded up.
    explicit ClosedPopulation(std::vector<UserStage> stages, double scale = 1);

    /// A fixed number that starts evenly over `ramp`: user i of n at ramp·i/n, the first at once.
    [[nodiscard]] static ClosedPopulation fixed(int users, Duration ramp, double scale = 1);

    [[nodiscard]] int users_at(Duration elapsed) const;
    /// The next instant after `elapsed` at which users_at() differs; nothing when it never will.
    [[nodiscard]] std::optional<Duration> next_change(Duration elapsed) const;

private:
    struct Segment {
        Duration begin{};
        Duration end{};
        int from = 0;
        int to = 0;
    };
    [[nodiscard]] static int level(const Segment& segment, Duration elapsed);

    std::vector<Segment> segments_;
};

} // namespace squall::arrivals
