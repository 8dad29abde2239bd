#include "analysis/compare.hpp"

#include "analysis/compare_rows.hpp"
#include "base/text.hpp"

#include <boost/math/distributions/binomial.hpp>

#include <algorithm>

namespace squall::analysis {
namespace {

using result::ComparisonVerdict;

result::RunReference reference(const result::RunResult& run)
{
    static constexpr const char* outcomes[] = {"passed", "failed", "invalid", "interrupted"};
    return {run.run.name, run.run.profile, run.run.folder, run.run.started,
            outcomes[static_cast<std::size_t>(run.verdict.outcome)]};
}

/// "leaks: postgres.connections; SLO: error_rate < 0.1%"
std::string facts_with(const Rows& rows, ComparisonVerdict verdict)
{
    std::vector<std::string> groups;
    std::string group;
    for (const auto& row : rows) {
        if (row.verdict != verdict) {
            continue;
        }
        if (row.group == group) {
            groups.back() += ", " + row.metric;
        } else {
            group = row.group;
            groups.push_back(fmt::format("{}: {}", group, row.metric));
        }
    }
    return join(groups, "; ");
}

/// Which run is INVALID, and why.
std::optional<std::string> invalid_runs(const result::RunResult& before, const result::RunResult& after)
{
    std::vector<std::string> runs;
    for (const auto& [which, run] : {std::pair{"before", &before}, std::pair{"after", &after}}) {
        if (run->verdict.outcome == result::RunOutcome::invalid || run->generator.saturated) {
            runs.push_back(fmt::format("the run {} is INVALID", which));
        }
    }
    return runs.empty() ? std::nullopt : std::optional(join(runs, ", and "));
}

/// Times, rates and errors of a run whose generator could not keep up say nothing of the service; what was still held
/// after it is held all the same.
void judge_leaks_only(Rows& rows)
{
    for (auto& row : rows) {
        if (row.group != "leaks" && row.verdict != ComparisonVerdict::not_judged) {
            row.verdict = ComparisonVerdict::not_judged;
            row.why = "a run is INVALID";
        }
    }
}

std::string sentence(const Rows& rows)
{
    const auto worse = facts_with(rows, ComparisonVerdict::regressed);
    const auto better = facts_with(rows, ComparisonVerdict::improved);
    if (!worse.empty()) {
        return better.empty() ? fmt::format("REGRESSED: {}", worse)
                              : fmt::format("REGRESSED: {}; but better: {}", worse, better);
    }
    if (!better.empty()) {
        return fmt::format("IMPROVED: {}; nothing got worse that one run each can judge", better);
    }
    return "No fact that one run each can judge has changed; latency and throughput take several runs a side";
}

} // namespace

result::ComparisonRow numbers_row(std::string group, std::string metric, result::Unit unit,
                                  std::optional<double> before, std::optional<double> after)
{
    result::ComparisonRow row;
    row.group = std::move(group);
    row.metric = std::move(metric);
    row.unit = unit;
    row.before = before;
    row.after = after;
    if (before && after && *before != 0) {
        row.change = (*after - *before) / *before;
    }
    return row;
}

double exact_rate_test(std::uint64_t before, double exposure_before, std::uint64_t after, double exposure_after)
{
    const auto total = before + after;
    if (total == 0 || exposure_before <= 0 || exposure_after <= 0) {
        return 1;
    }
    const boost::math::binomial share(static_cast<double>(total), exposure_after / (exposure_before + exposure_after));
    const auto seen = static_cast<double>(after);
    const double at_most = cdf(share, seen);
    const double at_least = after == 0 ? 1 : cdf(complement(share, seen - 1));
    return std::min(1.0, 2 * std::min(at_most, at_least));
}

result::Comparison compare(const result::RunResult& before, const result::RunResult& after)
{
    result::Comparison comparison;
    comparison.squall_version = after.squall_version;
    comparison.before = reference(before);
    comparison.after = reference(after);
    comparison.warnings = comparability(before, after);
    compare_latency(before, after, comparison.rows);
    compare_errors(before, after, comparison.rows);
    compare_leaks(before, after, comparison.rows);
    compare_slos(before, after, comparison.rows);
    comparison.not_comparable = invalid_runs(before, after);
    if (comparison.not_comparable) {
        judge_leaks_only(comparison.rows);
    }
    comparison.sentence = sentence(comparison.rows);
    if (comparison.not_comparable) {
        const bool leaks_differ = std::ranges::any_of(comparison.rows, [](const auto& row) {
            return row.verdict == ComparisonVerdict::regressed || row.verdict == ComparisonVerdict::improved;
        });
        comparison.sentence =
            fmt::format("NOT COMPARABLE: {}; of leaks, which are judged all the same, {}", *comparison.not_comparable,
                        leaks_differ ? comparison.sentence : "none has changed beyond doubt");
    }
    comparison.regressed = std::ranges::any_of(
        comparison.rows, [](const auto& row) { return row.verdict == ComparisonVerdict::regressed; });
    return comparison;
}

} // namespace squall::analysis
