// What a journal tells of a run, gathered: the input of everything that is concluded.
#pragma once

#include "analysis/attribution.hpp"
#include "analysis/series.hpp"
#include "base/result.hpp"
#include "engine/generator_watch.hpp"
#include "measure/journal.hpp"
#include "result/run_result.hpp"
#include "slo/load_judge.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace squall::engine {

/// Times are seconds since the run's start. `load` sums the windows of the load phase only.
struct RunRecord {
    measure::JournalHeader header;
    measure::JournalSummary journal;
    std::optional<measure::EndRecord> end;
    double last_second = 0; // end of the last record

    /// Time of which the journal holds nothing although it goes on behind it: it could not be written.
    struct Lost {
        double seconds = 0;
        double load_seconds = 0; // of these, in the load phase
        double from = 0;         // where it begins
    };
    std::optional<Lost> lost;

    std::vector<analysis::PhaseSpan> phases;
    measure::Window load;
    double user_seconds = 0; // of the load phase: users at work, times how long
    int users_max = 0;       // of the load phase, as in_flight_max
    int in_flight_max = 0;
    std::vector<result::SecondRow> seconds;
    std::map<std::string, analysis::GaugeSeries> gauges; // whole run
    std::vector<measure::Stamp> stamps;                  // without error examples
    std::vector<measure::Stamp> error_examples;
    std::optional<measure::Stamp> aborted; // a check ended the load early
    std::uint64_t warm_up_requests = 0;
    std::uint64_t begun_in_warm_up = 0; // iterations that went on into the load
    GeneratorWatch generator;
    std::map<std::string, slo::LoadJudge> windowed; // by expression: the checks with "over", having seen the whole load
    std::vector<analysis::Candidate> candidates;    // how often each step ended in each way, by second of the traffic

    [[nodiscard]] std::optional<analysis::PhaseSpan> span(measure::Phase phase) const
    {
        return analysis::find_phase(phases, phase);
    }
    /// Warm-up and load: what leaked may have leaked in either.
    [[nodiscard]] std::optional<analysis::PhaseSpan> traffic() const
    {
        auto both = span(measure::Phase::load);
        const auto warm_up = span(measure::Phase::warm_up);
        if (both && warm_up) {
            both->begin = warm_up->begin;
        }
        return both;
    }
    [[nodiscard]] double load_seconds() const
    {
        const auto load_span = span(measure::Phase::load);
        return load_span ? load_span->end - load_span->begin - (lost ? lost->load_seconds : 0) : 0;
    }
};

/// Then an iteration that was dropped is one request less for every step.
[[nodiscard]] inline bool one_population(const RunRecord& record)
{
    return record.header.populations.size() == 1;
}

[[nodiscard]] Result<RunRecord> read_run(const std::string& journal_path);

} // namespace squall::engine
