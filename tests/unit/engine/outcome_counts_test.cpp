#include "engine/outcome_counts.hpp"

#include "catch.hpp"

#include <map>
#include <string>

using namespace squall;
using namespace squall::engine;

namespace {

/// One second of the load, 10 s after the run's start.
measure::SecondRecord second_with(const std::vector<measure::StepWindow>& steps)
{
    measure::SecondRecord second;
    second.begin_seconds = 10;
    second.end_seconds = 11;
    second.window.steps = steps;
    return second;
}

std::map<std::string, double> counted(const OutcomeCounts& counts, const std::vector<std::string>& steps)
{
    std::map<std::string, double> totals;
    for (const auto& candidate : counts.candidates(steps, {measure::Phase::load, 10, 11})) {
        totals[analysis::name_of(candidate)] = candidate.cumulative.back();
    }
    return totals;
}

} // namespace

TEST_CASE("a leak may follow every way in which a step ended")
{
    measure::StepWindow http;
    http.requests = 10;
    http.statuses = {{200, 7}, {401, 2}};
    http.errors = {{measure::ErrorKind::status, 2}, {measure::ErrorKind::timeout, 1}};
    measure::StepWindow without_status;
    without_status.requests = 5;
    without_status.errors = {{measure::ErrorKind::timeout, 2}};
    OutcomeCounts counts;
    counts.add(second_with({http, without_status}));
    CHECK(
        counted(counts, {"login", "query"}) ==
        std::map<std::string, double>{
            {"login (200)", 7}, {"login (401)", 2}, {"login (timeout)", 1}, {"query (ok)", 3}, {"query (timeout)", 2}});
}
