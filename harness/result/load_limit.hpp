// LoadLimit: what squall find found, as plain values. What each member means to a reader stands once, in
// load_limit_fields.hpp.
#pragma once

#include "result/comparison.hpp"

#include <optional>
#include <string>
#include <vector>

namespace squall::result {

inline constexpr int load_limit_format = 1;

/// `invalid`: the generator could not offer this load, so that the run says nothing about the system.
enum class TrialOutcome { held, missed, invalid };

struct LimitTrial {
    double level = 0;
    TrialOutcome outcome = TrialOutcome::held;
    std::string reason; // what was missed; empty when all held
    double requests_per_second = 0;
    double error_rate = 0; // share of requests
    std::optional<double> p50_seconds;
    std::optional<double> p99_seconds;
    std::string folder;
    bool operator==(const LimitTrial&) const = default;
};

struct LoadLimit {
    int format = load_limit_format;
    std::string squall_version;
    std::string name;
    std::string profile;
    std::string scenario_file;
    Unit unit = Unit::per_second; // of every level: iterations per second, or (count) users
    std::optional<double> held;   // the highest level at which every SLO held
    std::optional<double> failed; // the lowest at which one did not
    std::string sentence;         // the whole, in words
    std::string limited_by;       // what failed above the limit; empty when nothing did
    int exit_code = 0;
    std::vector<LimitTrial> trials; // in the order in which they ran
    bool operator==(const LoadLimit&) const = default;
};

} // namespace squall::result
