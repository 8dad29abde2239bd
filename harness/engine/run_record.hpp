// What a journal tells of a run, gathered: the input of everything that is concluded.
#pragma once

#include "analysis/attribution.hpp"
#include "analysis/series.hpp"
#include "base/result.hpp"
#include "engine/generator_watch.hpp"
#include "measure/journal.hpp"
#include "result/run_result.hpp"
#include "slo/load_judge.hpp"

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace squall::engine {

/// One load and the quiesce behind it.
struct Cycle {
    analysis::PhaseSpan load; // with the warm-up, before the first
    std::optional<analysis::PhaseSpan> quiesce;
    double operations = 0;  // requests in `load`
    double dose = 1;        // how often the scenario's traffic was sent
    bool collected = false; // every service that can be asked had collected its garbage when quiesce ended
};

/// Times are seconds since the run's start. `load` sums the windows of the load phases only, of which a run has one a
/// cycle.
struct RunRecord {
    measure::JournalHeader header;
    measure::JournalSummary journal;
    std::optional<measure::EndRecord> end;
    double last_second = 0; // end of the last record

    /// Time of which the journal holds nothing although it goes on behind it: it could not be written.
    struct Lost {
        double seconds = 0;
        double load_seconds = 0; // of these, within a load
        double from = 0;         // where it begins
    };
    std::optional<Lost> lost;

    std::vector<analysis::PhaseSpan> phases;
    std::vector<Cycle> cycles;
    bool settle_collected = false; // as Cycle::collected, before the first load
    double arrivals_begin = 0;     // of the newest load, or of its newest repetition
    measure::Window load;
    double user_seconds = 0; // of the loads: users at work, times how long
    int users_max = 0;       // of the loads, as in_flight_max
    int in_flight_max = 0;
    std::vector<result::SecondRow> seconds;
    std::map<std::string, analysis::GaugeSeries> gauges; // whole run
    std::vector<measure::Stamp> stamps; // for a reader: without error examples, and of what comes every cycle its begin
    std::vector<measure::Stamp> error_examples;
    std::optional<measure::Stamp> aborted; // a check ended the load early
    std::uint64_t warm_up_requests = 0;
    std::uint64_t begun_in_warm_up = 0; // iterations that went on into the load
    GeneratorWatch generator;
    std::map<std::string, slo::LoadJudge> windowed; // by expression: the checks with "over", having seen the whole load
    std::vector<analysis::Candidate> candidates;    // how often each step ended in each way, by second of the traffic

    /// The first phase of that kind.
    [[nodiscard]] std::optional<analysis::PhaseSpan> span(measure::Phase phase) const
    {
        return analysis::find_phase(phases, phase);
    }
    /// From the first warm-up or load to the end of the last load, with every quiesce between: what leaked may have
    /// leaked in any of it.
    [[nodiscard]] std::optional<analysis::PhaseSpan> traffic() const;
    /// Without warm-up and without what was lost; `until` cuts what lies behind it.
    [[nodiscard]] double load_seconds(double until = std::numeric_limits<double>::infinity()) const;
    /// As the plan wants it; 0 where the journal does not say.
    [[nodiscard]] double planned_load_seconds() const;
    /// What was read in a load.
    [[nodiscard]] std::vector<analysis::GaugePoint> under_load(const analysis::GaugeSeries& series) const;
};

/// Then an iteration that was dropped is one request less for every step.
[[nodiscard]] inline bool one_population(const RunRecord& record)
{
    return record.header.populations.size() == 1;
}

[[nodiscard]] Result<RunRecord> read_run(const std::string& journal_path);

} // namespace squall::engine
