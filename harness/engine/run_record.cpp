#include "engine/run_record.hpp"

#include "engine/outcome_counts.hpp"
#include "engine/run_log.hpp"

#include <algorithm>

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
    const auto load = record.span(Phase::load);
    const double arrivals_end = load ? load->begin + to_seconds(record.header.load) : second.end_seconds;
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

void add_second(RunRecord& record, OutcomeCounts& outcomes, const measure::SecondRecord& second)
{
    if (!record.seconds.empty()) {
        constexpr double between_phases = 0.5; // no window is open there
        const bool in_load = second.phase == Phase::load && record.seconds.back().phase == to_string(Phase::load);
        note_gap(record, second.begin_seconds, in_load, between_phases);
    }
    record.last_second = second.end_seconds;
    if (!record.phases.empty()) {
        record.phases.back().end = second.end_seconds;
    }
    record.seconds.push_back(row_of(second));
    add_gauges(record, second);
    if (second.phase == Phase::warm_up) {
        outcomes.add(second);
        record.begun_in_warm_up = static_cast<std::uint64_t>(std::max(second.in_flight, 0));
        for (const auto& step : second.window.steps) {
            record.warm_up_requests += step.requests;
        }
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
            record.phases.push_back({*phase, stamp.at_seconds, stamp.at_seconds});
        }
        return;
    }
    if (stamp.kind == aborted_stamp) {
        end_arrivals(record, stamp);
    }
    record.stamps.push_back(stamp);
}

} // namespace

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
