#include "engine/outcome_counts.hpp"

#include <algorithm>
#include <cmath>

namespace squall::engine {
namespace {

/// Errors that are found in an answer: the answer's status counts already.
bool came_with_status(measure::ErrorKind kind)
{
    using measure::ErrorKind;
    return kind == ErrorKind::status || kind == ErrorKind::header || kind == ErrorKind::body ||
           kind == ErrorKind::json || kind == ErrorKind::save;
}

std::map<std::string, std::uint64_t> outcomes_of(const measure::StepWindow& step)
{
    std::map<std::string, std::uint64_t> counts;
    for (const auto& [status, count] : step.statuses) {
        counts[std::to_string(status)] += count;
    }
    for (const auto& [kind, count] : step.errors) {
        if (!came_with_status(kind)) {
            counts[std::string(measure::to_string(kind))] += count;
        }
    }
    // What went well and has no status: steps over other protocols than HTTP, clients that break off their requests.
    std::uint64_t told = 0;
    for (const auto& [outcome, count] : counts) {
        told += count;
    }
    if (step.requests > told) {
        counts["ok"] = step.requests - told;
    }
    return counts;
}

} // namespace

void OutcomeCounts::add(const measure::SecondRecord& second)
{
    for (std::size_t step = 0; step < second.window.steps.size(); ++step) {
        for (const auto& [outcome, count] : outcomes_of(second.window.steps[step])) {
            auto& marks = marks_[{step, outcome}];
            // Nothing happened since the last mark: in a quiesce between two loads, say.
            const auto before = marks.empty() ? 0 : marks.back().total;
            if (marks.empty() || marks.back().at_seconds < second.begin_seconds) {
                marks.push_back({second.begin_seconds, before});
            }
            marks.push_back({second.end_seconds, marks.back().total + count});
        }
    }
}

std::vector<analysis::Candidate> OutcomeCounts::candidates(const std::vector<std::string>& steps,
                                                           const analysis::PhaseSpan& load) const
{
    std::vector<analysis::Candidate> all;
    const auto full_seconds = static_cast<std::size_t>(std::ceil(load.end - load.begin));
    for (const auto& [key, marks] : marks_) {
        analysis::Candidate candidate{steps.at(key.first), key.second, {}};
        auto after = marks.begin();
        for (std::size_t second = 1; second <= full_seconds; ++second) {
            const double at = load.begin + static_cast<double>(second);
            after = std::find_if(after, marks.end(), [at](const Mark& mark) { return mark.at_seconds >= at; });
            double total = static_cast<double>(marks.back().total);
            if (after == marks.begin()) {
                total = 0;
            } else if (after != marks.end()) {
                const auto& before = *std::prev(after);
                const double share = (at - before.at_seconds) / (after->at_seconds - before.at_seconds);
                total = static_cast<double>(before.total) + share * static_cast<double>(after->total - before.total);
            }
            candidate.cumulative.push_back(total);
        }
        all.push_back(std::move(candidate));
    }
    return all;
}

} // namespace squall::engine
