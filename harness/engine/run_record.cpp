#include "engine/run_record.hpp"

#include "engine/cycle_text.hpp"
#include "engine/outcome_counts.hpp"
#include "engine/run_log.hpp"

#include <algorithm>
#include <numeric>

namespace squall::engine {
namespace {

using measure::Phase;

result::SecondRow row_of(const measure::SecondRecord& second)
{
    result::SecondRow row;
    row.second = static_cast<std::int64_t>(second.begin_seconds);
    row.phase = measure::to_string(second.phase);
    row.users = static_cast<std::uint64_t>(second.users);
    row.in_flight = static_cast<std::uint64_t>(second.in_flight);
    measure::Histogram response;
    for (const auto& step : second.window.steps) {
        row.requests += step.requests;
        row.errors += step.error_count();
        response.add(step.response);
    }
    if (response.count() > 0) {
        row.p50_seconds = to_seconds(response.value_at(Percentile::of(50)));
        row.p99_seconds = to_seconds(response.value_at(Percentile::of(99)));
    }
    return row;
}

void add_gauges(RunRecord& record, const measure::SecondRecord& second)
{
    for (const auto& [name, points] : second.gauges) {
        auto& series = record.gauges[name];
        series.name = name;
        series.kind = analysis::kind_of(name);
        for (const auto& point : points) {
            series.points.push_back({point.at_seconds, point.value});
        }
    }
}

void start_checks(RunRecord& record)
{
    for (const auto& expression : record.header.checks) {
        auto check = slo::parse(expression);
        if (check && check->over) {
            record.windowed.emplace(expression,
                                    slo::LoadJudge(std::move(*check), record.header.steps, one_population(record)));
        }
    }
}

/// Seconds that lie for the most part behind the last arrival are the grace.
void follow_checks(RunRecord& record, const measure::SecondRecord& second)
{
    const double arrivals_end = record.arrivals_begin + to_seconds(record.header.load);
    for (auto& [expression, judge] : record.windowed) {
        if (record.header.load > Duration::zero() && (second.begin_seconds + second.end_seconds) / 2 >= arrivals_end) {
            judge.arrivals_over();
        }
        judge.add(second.window, second.begin_seconds, second.end_seconds);
    }
}

void end_arrivals(RunRecord& record, const measure::Stamp& stamp)
{
    record.aborted = stamp;
    for (auto& [expression, judge] : record.windowed) {
        judge.arrivals_over();
    }
}

/// What follows begins at `begin`; up to `tolerance` nothing was lost before it.
void note_gap(RunRecord& record, double begin, bool in_load, double tolerance)
{
    const double gap = begin - record.last_second;
    if (gap <= tolerance) {
        return;
    }
    if (!record.lost) {
        record.lost = RunRecord::Lost{0, 0, record.last_second};
    }
    record.lost->seconds += gap;
    record.lost->load_seconds += in_load ? gap : 0;
}

std::uint64_t requests_of(const measure::SecondRecord& second)
{
    std::uint64_t requests = 0;
    for (const auto& step : second.window.steps) {
        requests += step.requests;
    }
    return requests;
}

/// Of a load, or of a repetition of the traffic in it.
void begin_arrivals(RunRecord& record, double at)
{
    record.arrivals_begin = at;
    for (auto& [expression, judge] : record.windowed) {
        judge.arrivals_again();
    }
}

void begin_phase(RunRecord& record, Phase phase, double at)
{
    const bool warmed_up = !record.phases.empty() && record.phases.back().phase == Phase::warm_up;
    record.phases.push_back({phase, at, at});
    if (phase == Phase::warm_up || (phase == Phase::load && !warmed_up)) {
        record.cycles.push_back({{Phase::load, at, at}, std::nullopt});
    }
    if (phase == Phase::load) {
        begin_arrivals(record, at);
    }
    if (phase == Phase::quiesce && !record.cycles.empty()) {
        record.cycles.back().quiesce = analysis::PhaseSpan{phase, at, at};
    }
}

void extend_cycle(RunRecord& record, const measure::SecondRecord& second)
{
    if (record.cycles.empty()) {
        return;
    }
    auto& cycle = record.cycles.back();
    if (second.phase == Phase::warm_up || second.phase == Phase::load) {
        cycle.load.end = second.end_seconds;
        cycle.operations += static_cast<double>(requests_of(second));
    } else if (cycle.quiesce) {
        cycle.quiesce->end = second.end_seconds;
    }
}

/// Of failures each text is kept once: they come twice a cycle.
void note_collection(RunRecord& record, const measure::Stamp& stamp)
{
    (record.cycles.empty() ? record.settle_collected : record.cycles.back().collected) = stamp.kind == collected_stamp;
    if (stamp.kind == gc_failed_stamp &&
        std::ranges::find(record.stamps, stamp.text, &measure::Stamp::text) == record.stamps.end()) {
        record.stamps.push_back(stamp);
    }
}

void add_second(RunRecord& record, OutcomeCounts& outcomes, const measure::SecondRecord& second)
{
    if (!record.seconds.empty()) {
        constexpr double between_phases = 0.5; // no window is open there
        const bool in_load =
            second.phase == Phase::load && !record.phases.empty() && record.last_second > record.phases.back().begin;
        note_gap(record, second.begin_seconds, in_load, between_phases);
    }
    record.last_second = second.end_seconds;
    if (!record.phases.empty()) {
        record.phases.back().end = second.end_seconds;
        extend_cycle(record, second);
    }
    record.seconds.push_back(row_of(second));
    add_gauges(record, second);
    if (second.phase == Phase::warm_up) {
        outcomes.add(second);
        record.begun_in_warm_up = static_cast<std::uint64_t>(std::max(second.in_flight, 0));
        record.warm_up_requests += requests_of(second);
    }
    if (second.phase == Phase::load) {
        record.load.add(second.window);
        outcomes.add(second);
        follow_checks(record, second);
        record.generator.add(second, record.header);
        record.user_seconds += second.users * (second.end_seconds - second.begin_seconds);
        record.users_max = std::max(record.users_max, second.users);
        record.in_flight_max = std::max(record.in_flight_max, second.in_flight);
    }
}

void add_stamp(RunRecord& record, const measure::Stamp& stamp)
{
    if (stamp.kind == "error") {
        record.error_examples.push_back(stamp);
        record.generator.add_example(stamp);
        return;
    }
    if (stamp.kind == "phase") {
        if (const auto phase = measure::parse_phase(stamp.text)) {
            begin_phase(record, *phase, stamp.at_seconds);
        }
        return;
    }
    if (stamp.kind == repeat_stamp) {
        begin_arrivals(record, stamp.at_seconds);
        return;
    }
    if (stamp.kind == collected_stamp || stamp.kind == gc_failed_stamp) {
        note_collection(record, stamp);
        return;
    }
    if (stamp.kind == aborted_stamp) {
        end_arrivals(record, stamp);
    } else if (stamp.kind == cycle_stamp && !record.cycles.empty()) {
        record.cycles.back().dose = dose_of(stamp.text).value_or(record.cycles.back().dose);
    }
    record.stamps.push_back(stamp);
}

} // namespace

std::optional<analysis::PhaseSpan> RunRecord::traffic() const
{
    if (!span(Phase::load)) {
        return std::nullopt;
    }
    return analysis::PhaseSpan{Phase::load, cycles.front().load.begin, cycles.back().load.end};
}

double RunRecord::load_seconds(double until) const
{
    double length = 0;
    for (const auto& phase : phases) {
        length += phase.phase == Phase::load ? std::max(std::min(phase.end, until) - phase.begin, 0.0) : 0;
    }
    return length - (lost ? lost->load_seconds : 0);
}

double RunRecord::planned_load_seconds() const
{
    return to_seconds(header.load) * std::accumulate(header.doses.begin(), header.doses.end(), 0);
}

std::vector<analysis::GaugePoint> RunRecord::under_load(const analysis::GaugeSeries& series) const
{
    std::vector<analysis::GaugePoint> all;
    for (const auto& phase : phases) {
        if (phase.phase == Phase::load) {
            const auto points = analysis::points_between(series.points, phase.begin, phase.end);
            all.insert(all.end(), points.begin(), points.end());
        }
    }
    return all;
}

Result<RunRecord> read_run(const std::string& journal_path)
{
    RunRecord record;
    OutcomeCounts outcomes;
    measure::JournalVisitor visitor;
    visitor.on_header = [&](const measure::JournalHeader& header) {
        record.header = header;
        start_checks(record);
    };
    visitor.on_second = [&](const measure::SecondRecord& second) { add_second(record, outcomes, second); };
    visitor.on_stamp = [&](const measure::Stamp& stamp) { add_stamp(record, stamp); };
    visitor.on_end = [&](const measure::EndRecord& end) {
        record.end = end;
        constexpr double teardown = 2; // the last second is written, then the end
        note_gap(record, end.at_seconds, false, teardown);
    };
    const auto summary = measure::read_journal(journal_path, visitor);
    if (!summary) {
        return summary.error();
    }
    record.journal = *summary;
    record.load.steps.resize(record.header.steps.size());
    if (const auto traffic = record.traffic()) {
        record.candidates = outcomes.candidates(record.header.steps, *traffic);
    }
    return record;
}

} // namespace squall::engine
