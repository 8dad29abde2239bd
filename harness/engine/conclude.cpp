#include "engine/conclude.hpp"

#include "analysis/self_test.hpp"
#include "engine/conclude_gauges.hpp"
#include "engine/conclude_load.hpp"
#include "engine/histogram_file.hpp"
#include "engine/leak_findings.hpp"
#include "engine/run_folder.hpp"
#include "engine/run_record.hpp"
#include "slo/evaluate.hpp"

#include <filesystem>

namespace squall::engine {
namespace {

namespace fs = std::filesystem;
using result::RunOutcome;
using result::SloOutcome;

slo::StepFacts facts_of(const measure::StepWindow& step)
{
    slo::StepFacts facts;
    facts.response = &step.response;
    facts.service = &step.service;
    facts.send_lag = &step.lag;
    facts.requests = step.requests;
    facts.errors = step.error_count();
    facts.censored = step.censored;
    facts.recovered = step.recovered;
    facts.lost = step.lost;
    for (const auto& [kind, count] : step.errors) {
        facts.errors_by_kind[std::string(measure::to_string(kind))] = count;
    }
    return facts;
}

/// `all` must outlive the facts: their histograms are its.
slo::Facts facts_of(const RunRecord& record, const measure::StepWindow& all, const LeakEstimates& leaks)
{
    slo::Facts facts;
    facts.load_seconds = record.load_seconds();
    facts.all = facts_of(all);
    for (std::size_t id = 0; id < record.header.steps.size(); ++id) {
        facts.steps[record.header.steps[id]] = facts_of(record.load.steps[id]);
    }
    facts.dropped = record.load.iterations_dropped;
    facts.one_population = one_population(record);
    for (const auto& [name, series] : record.gauges) {
        auto& kept = facts.gauges[name];
        kept.name = name;
        kept.kind = series.kind;
        kept.points = record.under_load(series);
    }
    facts.leaks = leaks;
    return facts;
}

SloOutcome outcome_of(slo::Outcome outcome)
{
    switch (outcome) {
    case slo::Outcome::met:
        return SloOutcome::met;
    case slo::Outcome::missed:
        return SloOutcome::missed;
    case slo::Outcome::not_shown:
        break;
    }
    return SloOutcome::not_shown;
}

bool ended_the_load(const RunRecord& record, const std::string& expression)
{
    return record.aborted && record.aborted->text.starts_with(expression + ": ");
}

std::vector<result::SloVerdict> judge(const RunRecord& record, const LeakEstimates& leaks)
{
    measure::StepWindow all;
    for (const auto& step : record.load.steps) {
        all.add(step);
    }
    const auto facts = facts_of(record, all, leaks);
    std::vector<result::SloVerdict> verdicts;
    for (const auto& expression : record.header.checks) {
        const auto check = slo::parse(expression);
        if (!check) {
            verdicts.push_back({expression, SloOutcome::missed, "", check.error().message});
            continue;
        }
        const auto windowed = record.windowed.find(expression);
        const auto verdict =
            windowed == record.windowed.end() ? slo::evaluate(*check, facts) : windowed->second.verdict();
        verdicts.push_back({expression, outcome_of(verdict.outcome), verdict.measured, verdict.why});
        if (verdict.outcome == slo::Outcome::met && ended_the_load(record, expression)) {
            verdicts.back().outcome = SloOutcome::missed;
            verdicts.back().why =
                "it was missed when it ended the load: " + record.aborted->text.substr(expression.size() + 2);
        }
    }
    return verdicts;
}

/// By gauge, the smallest rate per hour that a check wants shown; 0 where they all speak of operations.
std::map<std::string, double> leak_bounds(const std::vector<std::string>& expressions)
{
    std::map<std::string, double> bounds;
    for (const auto& expression : expressions) {
        const auto check = slo::parse(expression);
        if (!check || check->metric != slo::Metric::leak) {
            continue;
        }
        double& bound = bounds[check->selector];
        if (check->unit == slo::BoundUnit::per_hour && check->bound > 0) {
            bound = bound > 0 ? std::min(bound, check->bound) : check->bound;
        }
    }
    return bounds;
}

std::size_t count_of(const std::vector<result::SloVerdict>& verdicts, SloOutcome outcome)
{
    return static_cast<std::size_t>(std::count_if(
        verdicts.begin(), verdicts.end(), [outcome](const auto& verdict) { return verdict.outcome == outcome; }));
}

/// The one thing that a reader of a failed run should know first.
std::string main_finding(const result::RunResult& result)
{
    for (const auto& leak : result.leaks) {
        if (leak.attribution && (analysis::is_leak(leak.verdict) || leak.verdict == result::LeakVerdict::retained)) {
            return fmt::format("{} leaks: {}", leak.gauge, leak.attribution->text);
        }
    }
    for (const auto& slo : result.slos) {
        if (slo.outcome == SloOutcome::missed) {
            return fmt::format("{}: {}", slo.expression, slo.measured.empty() ? slo.why : slo.measured);
        }
    }
    return {};
}

result::RunVerdict verdict_of(const RunRecord& record, const result::RunResult& result)
{
    const auto& slos = result.slos;
    const auto missed = count_of(slos, SloOutcome::missed);
    const auto not_shown = count_of(slos, SloOutcome::not_shown);
    if (!record.end) {
        return {RunOutcome::interrupted, 130,
                fmt::format("the run died; this is its journal up to {:.0f} s", record.last_second)};
    }
    if (record.end->interrupted) {
        return {RunOutcome::interrupted, 130,
                fmt::format("{} after {:.0f} s; what was measured until then is below", record.end->reason,
                            record.last_second)};
    }
    if (record.lost) {
        return {RunOutcome::invalid, 97, fmt::format("{:.0f} s of the run are not known", record.lost->seconds)};
    }
    if (result.generator.saturated) {
        const auto doubt = missed == 0
                               ? std::string()
                               : fmt::format("; the {} SLO{} missed may be its doing", missed, missed == 1 ? "" : "s");
        return {RunOutcome::invalid, 97, *result.generator.reason + doubt};
    }
    if (result.run.aborted) {
        return {RunOutcome::failed, 99, *result.run.aborted};
    }
    if (missed > 0) {
        return {RunOutcome::failed, 99, main_finding(result)};
    }
    if (slos.empty()) {
        return {RunOutcome::passed, 0, "the scenario sets no SLO; nothing was judged"};
    }
    return {RunOutcome::passed, 0,
            not_shown == 0 ? fmt::format("all {} SLOs met", slos.size())
                           : fmt::format("no SLO missed: {} met, {} not shown", slos.size() - not_shown, not_shown)};
}

result::RunInfo run_info(const RunRecord& record, const std::string& folder)
{
    result::RunInfo run;
    run.name = record.header.name;
    run.scenario_file = record.header.scenario_file;
    run.profile = record.header.profile;
    run.seed = record.header.seed;
    run.started = record.header.started;
    run.folder = folder;
    run.duration_seconds = record.last_second;
    run.interrupted = !record.end || record.end->interrupted;
    run.interrupted_reason = record.end ? record.end->reason : "the harness died";
    run.from_journal = !record.end;
    if (record.aborted) {
        run.aborted = fmt::format("the load was ended after {:.0f} of {:.0f} s by {}",
                                  record.load_seconds(record.aborted->at_seconds), record.planned_load_seconds(),
                                  record.aborted->text);
    }
    if (!record.end) {
        run.journal_until_seconds = record.last_second;
    }
    if (record.lost) {
        run.truncated =
            fmt::format("{:.0f} s are missing from {:.0f} s on, which could not be written down (was the disk "
                        "full?); counts, rates and percentiles are those of the rest",
                        record.lost->seconds, record.lost->from);
    }
    if (record.journal.truncated) {
        run.truncated =
            fmt::format("the journal was cut at byte {}: {}", record.journal.cut_at_byte, record.journal.reason);
    }
    return run;
}

result::LeakSelfTest leak_self_test()
{
    const auto& figures = analysis::published_self_test;
    return {figures.rows, figures.rows_held, figures.series, figures.worst_false_positive_rate, figures.worst_power};
}

/// A run that died left no result.json.
std::vector<result::FileNote> files_of(const std::string& folder, bool died)
{
    std::vector<result::FileNote> files;
    if (!died) {
        files.push_back({"result.json", "this result, for machines"});
    }
    files.push_back({std::string(journal_name), "every second, as it was written"});
    if (fs::exists(fs::path(folder) / histogram_file_name)) {
        files.push_back({std::string(histogram_file_name), "the load's histograms, for HdrHistogram's tools"});
    }
    if (fs::exists(fs::path(folder) / "logs")) {
        files.push_back({"logs/", "what the services printed"});
    }
    return files;
}

} // namespace

Result<result::RunResult> conclude(const std::string& folder)
{
    const auto record = read_run((fs::path(folder) / journal_name).string());
    if (!record) {
        return record.error();
    }
    const auto leaks = leak_estimates(*record);
    result::RunResult result;
    result.squall_version = SQUALL_VERSION;
    result.run = run_info(*record, folder);
    for (const auto& phase : record->phases) {
        result.phases.push_back({std::string(measure::to_string(phase.phase)), phase.begin, phase.end});
    }
    result.populations = populations(*record);
    result.generator = generator_health(*record);
    result.totals = totals(*record);
    result.all_steps = all_steps_result(*record);
    result.steps = step_results(*record);
    result.websockets = websockets_of(*record);
    result.omission_canary = canary_of(*record);
    result.errors = error_rows(*record);
    result.seconds = record->seconds;
    result.leaks = leak_findings(*record, leaks, leak_bounds(record->header.checks));
    result.leak_self_test = leak_self_test();
    result.gauges = gauge_rows(*record, leaks);
    result.slos = judge(*record, leaks);
    for (const auto& stamp : record->stamps) {
        result.stamps.push_back({stamp.at_seconds, stamp.kind, stamp.text});
    }
    result.notes = record->header.notes;
    for (const auto& service : record->header.services) {
        result.stack.push_back({service.name, service.kind, ""});
    }
    result.files = files_of(folder, !record->end);
    result.verdict = verdict_of(*record, result);
    return result;
}

} // namespace squall::engine
