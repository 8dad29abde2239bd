#include "analysis/compare_rows.hpp"

#include "analysis/compare.hpp"
#include "base/text.hpp"

#include <cmath>
#include <set>

namespace squall::analysis {
namespace {

using result::ComparisonVerdict;
using result::LatencySummary;
using result::RunResult;
using result::SloOutcome;
using result::StepResult;
using result::Unit;

constexpr double significance = 0.05;
constexpr double same_duration = 0.02; // relative
constexpr const char* one_run_each = "one run each";

std::optional<double> quantile(const StepResult* step, double LatencySummary::*figure)
{
    return step != nullptr && step->response.count > 0 ? std::optional(step->response.*figure) : std::nullopt;
}

void add_statistic(Rows& rows, std::string group, std::string metric, Unit unit, std::optional<double> before,
                   std::optional<double> after)
{
    if (!before && !after) {
        return;
    }
    auto row = numbers_row(std::move(group), std::move(metric), unit, before, after);
    row.verdict = ComparisonVerdict::inconclusive;
    row.why = before && after ? one_run_each : "measured in one run only";
    rows.push_back(std::move(row));
}

void add_latencies(Rows& rows, const std::string& name, const StepResult* before, const StepResult* after)
{
    const auto add = [&](const char* figure, double LatencySummary::*member) {
        add_statistic(rows, "latency", name + figure, Unit::seconds, quantile(before, member), quantile(after, member));
    };
    add(".p50", &LatencySummary::p50_seconds);
    add(".p99", &LatencySummary::p99_seconds);
}

std::vector<std::string> steps_of(const RunResult& before, const RunResult& after)
{
    std::vector<std::string> names;
    std::set<std::string> seen;
    for (const auto* run : {&before, &after}) {
        for (const auto& step : run->steps) {
            if (seen.insert(step.name).second) {
                names.push_back(step.name);
            }
        }
    }
    return names;
}

std::uint64_t count_of(const RunResult& run, const std::string& kind)
{
    const auto found = run.all_steps.errors_by_kind.find(kind);
    return found == run.all_steps.errors_by_kind.end() ? 0 : found->second;
}

/// Errors that come and go differ from run to run; a kind that one run never saw is a fact.
void judge_errors(const RunResult& before, const RunResult& after, std::uint64_t was, std::uint64_t is,
                  result::ComparisonRow& row)
{
    row.verdict = ComparisonVerdict::inconclusive;
    row.why = one_run_each;
    if (was > 0 && is > 0) {
        return;
    }
    const double p = exact_rate_test(was, static_cast<double>(before.totals.requests), is,
                                     static_cast<double>(after.totals.requests));
    if (p >= significance) {
        row.why = "too few to judge";
    } else if (is > 0) {
        row.verdict = ComparisonVerdict::regressed;
        row.why = "never seen before";
    } else {
        row.verdict = ComparisonVerdict::improved;
        row.why = "no longer seen";
    }
}

std::string text_of(SloOutcome outcome, const std::string& measured)
{
    const char* word = outcome == SloOutcome::met ? "met" : outcome == SloOutcome::missed ? "missed" : "not shown";
    return measured.empty() ? word : fmt::format("{} ({})", word, measured);
}

void judge_slo(const result::SloVerdict* before, const result::SloVerdict* after, result::ComparisonRow& row)
{
    if (before == nullptr || after == nullptr) {
        row.verdict = ComparisonVerdict::not_judged;
        row.why = "checked in one run only";
        return;
    }
    if (before->outcome == after->outcome) {
        row.verdict = before->outcome == SloOutcome::not_shown ? ComparisonVerdict::inconclusive
                                                               : ComparisonVerdict::no_significant_change;
        row.why = before->outcome == SloOutcome::missed ? "still missed" : "";
    } else if (before->outcome == SloOutcome::met && after->outcome == SloOutcome::missed) {
        row.verdict = ComparisonVerdict::regressed;
        row.why = "broken";
    } else if (before->outcome == SloOutcome::missed && after->outcome == SloOutcome::met) {
        row.verdict = ComparisonVerdict::improved;
        row.why = "fixed";
    } else {
        row.verdict = ComparisonVerdict::inconclusive;
        row.why = "not shown in one of the runs: too little data";
    }
}

std::string arrivals_of(const RunResult& run)
{
    std::vector<std::string> arrivals;
    arrivals.reserve(run.populations.size());
    for (const auto& population : run.populations) {
        arrivals.push_back(fmt::format("{}: {}", population.user, population.arrival));
    }
    return join(arrivals, "; ");
}

void warn_of_state(const RunResult& run, const char* which, std::vector<std::string>& warnings)
{
    if (run.verdict.outcome == result::RunOutcome::invalid) {
        warnings.push_back(fmt::format("the run {} is invalid: {}", which, run.verdict.sentence));
    }
    if (run.run.interrupted || run.run.from_journal) {
        warnings.push_back(fmt::format("the run {} did not come to its end", which));
    }
    if (run.generator.saturated) {
        warnings.push_back(fmt::format("in the run {} the generator was saturated", which));
    }
}

} // namespace

void compare_latency(const RunResult& before, const RunResult& after, Rows& rows)
{
    add_latencies(rows, "response_time", &before.all_steps, &after.all_steps);
    const auto steps = steps_of(before, after);
    for (const auto& name : steps) {
        add_latencies(rows, fmt::format("response_time[{}]", name), find_by(before.steps, &StepResult::name, name),
                      find_by(after.steps, &StepResult::name, name));
    }
    add_statistic(rows, "throughput", "throughput", Unit::per_second, before.totals.requests_per_second,
                  after.totals.requests_per_second);
}

void compare_errors(const RunResult& before, const RunResult& after, Rows& rows)
{
    const auto share = [](const RunResult& run) {
        return run.totals.requests > 0 ? std::optional(run.totals.error_rate) : std::nullopt;
    };
    add_statistic(rows, "errors", "error_rate", Unit::share, share(before), share(after));
    std::set<std::string> kinds;
    for (const auto* run : {&before, &after}) {
        for (const auto& [kind, count] : run->all_steps.errors_by_kind) {
            kinds.insert(kind);
        }
    }
    kinds.erase("cancelled"); // our own doing, at the end of a phase
    for (const auto& kind : kinds) {
        const auto was = count_of(before, kind);
        const auto is = count_of(after, kind);
        if (was == 0 && is == 0) {
            continue;
        }
        auto row = numbers_row("errors", fmt::format("errors[{}]", kind), Unit::count, static_cast<double>(was),
                               static_cast<double>(is));
        judge_errors(before, after, was, is, row);
        rows.push_back(std::move(row));
    }
}

void compare_slos(const RunResult& before, const RunResult& after, Rows& rows)
{
    std::vector<std::string> expressions;
    std::set<std::string> seen;
    for (const auto* run : {&before, &after}) {
        for (const auto& slo : run->slos) {
            if (seen.insert(slo.expression).second) {
                expressions.push_back(slo.expression);
            }
        }
    }
    for (const auto& expression : expressions) {
        const auto* was = find_by(before.slos, &result::SloVerdict::expression, expression);
        const auto* is = find_by(after.slos, &result::SloVerdict::expression, expression);
        auto row = numbers_row("SLO", expression, Unit::text, std::nullopt, std::nullopt);
        row.before_text = was == nullptr ? "" : text_of(was->outcome, was->measured);
        row.after_text = is == nullptr ? "" : text_of(is->outcome, is->measured);
        judge_slo(was, is, row);
        rows.push_back(std::move(row));
    }
}

std::vector<std::string> comparability(const RunResult& before, const RunResult& after)
{
    std::vector<std::string> warnings;
    if (before.run.name != after.run.name) {
        warnings.push_back(fmt::format("different scenarios: \"{}\" and \"{}\"", before.run.name, after.run.name));
    }
    const double longer = std::max(before.totals.load_seconds, after.totals.load_seconds);
    if (std::abs(before.totals.load_seconds - after.totals.load_seconds) > same_duration * longer) {
        warnings.push_back(fmt::format("different lengths of load: {}s and {}s",
                                       format_significant(before.totals.load_seconds),
                                       format_significant(after.totals.load_seconds)));
    }
    if (arrivals_of(before) != arrivals_of(after)) {
        warnings.push_back(fmt::format("different load: {} and {}", arrivals_of(before), arrivals_of(after)));
    }
    if (before.run.seed != after.run.seed) {
        warnings.push_back(fmt::format("different seeds: {} and {}", before.run.seed, after.run.seed));
    }
    warn_of_state(before, "before", warnings);
    warn_of_state(after, "after", warnings);
    return warnings;
}

} // namespace squall::analysis
