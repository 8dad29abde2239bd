// When a user's iterations start, as the scenario says it.
#pragma once

#include "base/quantity.hpp"
#include "base/time.hpp"
#include "scenario/place.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace squall::scenario {

/// So many users instead of the others while it lasts.
struct UserSpike {
    int users = 0;
    Duration at{};
    Duration length{};
};

/// Arrivals at this rate instead of the other while it lasts.
struct RateSpike {
    Rate rate;
    Duration at{};
    Duration length{};
};

/// Closed model: a fixed number of users, each starting its next iteration when the last one is over.
struct ClosedArrival {
    int users = 1;
    Duration ramp{}; // users start evenly over this time
    std::optional<UserSpike> spike = std::nullopt;
};

enum class Distribution { constant, poisson };

/// Open model: iterations start at this rate, whatever the system under test does.
struct RateArrival {
    Rate rate;
    Distribution distribution = Distribution::constant;
    std::optional<RateSpike> spike = std::nullopt;
};

/// Open model: iterations start when a recorded file says.
struct ReplayArrival {
    std::string file; // relative to the scenario file
};

/// Stages move linearly from the value before (0 at first) to their own over their length; a length of 0 is a
/// jump.
struct UserStage {
    Duration length{};
    int users = 0;
};
struct RateStage {
    Duration length{};
    Rate rate;
};
struct StagedUsers {
    std::vector<UserStage> stages;
};
struct StagedRate {
    std::vector<RateStage> stages;
    Distribution distribution = Distribution::constant;
};

struct Arrival {
    Place place;
    std::variant<ClosedArrival, RateArrival, StagedUsers, StagedRate, ReplayArrival> model;
    /// Open models: at most this many iterations at once; arrivals beyond are dropped and counted.
    int max_in_flight = 10'000;

    [[nodiscard]] bool is_open() const
    {
        return !std::holds_alternative<ClosedArrival>(model) && !std::holds_alternative<StagedUsers>(model);
    }
};

} // namespace squall::scenario
