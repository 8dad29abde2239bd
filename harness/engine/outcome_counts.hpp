// How often each step ended in each way, up to each second of the load: what a leak may follow.
#pragma once

#include "analysis/attribution.hpp"
#include "analysis/series.hpp"
#include "measure/journal.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace squall::engine {

/// Outcomes are status codes ("401"), kinds of error where no status came ("timeout"), and "ok" for what went well
/// without a status.
class OutcomeCounts {
public:
    void add(const measure::SecondRecord& second);
    /// Cumulative counts at every full second of the traffic, the quiesce between two loads included; the journal's
    /// seconds are the run's, so values between are interpolated.
    [[nodiscard]] std::vector<analysis::Candidate> candidates(const std::vector<std::string>& steps,
                                                              const analysis::PhaseSpan& load) const;

private:
    struct Mark {
        double at_seconds;
        std::uint64_t total;
    };
    std::map<std::pair<std::size_t, std::string>, std::vector<Mark>> marks_;
};

} // namespace squall::engine
