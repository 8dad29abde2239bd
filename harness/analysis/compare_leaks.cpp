#include "analysis/amount.hpp"
#include "analysis/compare.hpp"
#include "analysis/compare_rows.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace squall::analysis {
namespace {

using result::ComparisonVerdict;
using result::LeakFinding;
using result::LeakVerdict;

constexpr double significance = 0.05;

std::uint64_t kept(const LeakFinding& finding)
{
    return static_cast<std::uint64_t>(std::llround(std::max(finding.residual.value, 0.0)));
}

bool measured(const LeakFinding* finding)
{
    return finding != nullptr && finding->verdict != LeakVerdict::not_enough_data;
}

/// "240 kept, 36,000/h"; "< 180/h".
std::string text_of(const LeakFinding* finding)
{
    if (finding == nullptr) {
        return "";
    }
    if (!measured(finding)) {
        return "not enough data";
    }
    if (finding->residual.low <= 0) {
        return finding->upper_bound_per_hour
                   ? fmt::format("< {}/h", format_amount(finding->kind, *finding->upper_bound_per_hour))
                   : "none seen";
    }
    const auto amount = format_amount(finding->kind, finding->residual.value);
    return finding->per_hour
               ? fmt::format("{} kept, {}/h", amount, format_amount(finding->kind, finding->per_hour->value))
               : amount + " kept";
}

double exact_test(const LeakFinding& before, const LeakFinding& after)
{
    const double by_hours = exact_rate_test(kept(before), before.exposure_hours, kept(after), after.exposure_hours);
    const double by_operations =
        exact_rate_test(kept(before), before.exposure_operations, kept(after), after.exposure_operations);
    return std::max(by_hours, by_operations);
}

void judge(const LeakFinding* before, const LeakFinding* after, result::ComparisonRow& row)
{
    row.verdict = ComparisonVerdict::inconclusive;
    if (!measured(before) || !measured(after)) {
        row.why = before == nullptr || after == nullptr ? "measured in one run only" : "not enough data";
        return;
    }
    if (row.metric.find('{') != std::string::npos) {
        row.verdict = ComparisonVerdict::not_judged;
        row.why = "a part of another gauge";
        return;
    }
    if (before->kind != GaugeKind::count) {
        row.why = "memory, one run each";
        return;
    }
    if (kept(*before) == 0 && kept(*after) == 0) {
        row.verdict = ComparisonVerdict::no_significant_change;
        row.why = "nothing was kept in either";
        return;
    }
    const double p = exact_test(*before, *after);
    row.why = p < 0.001 ? fmt::format("{} kept against {}: exact test, p < .001", kept(*before), kept(*after))
                        : fmt::format("{} kept against {}: exact test, p = {:.3f}", kept(*before), kept(*after), p);
    if (p < significance) {
        const bool worse = static_cast<double>(kept(*after)) * before->exposure_hours >
                           static_cast<double>(kept(*before)) * after->exposure_hours;
        row.verdict = worse ? ComparisonVerdict::regressed : ComparisonVerdict::improved;
    }
}

/// Gauges that kept something in one of the runs, or that one of them could not judge.
bool worth_a_row(const LeakFinding* before, const LeakFinding* after)
{
    const auto speaks = [](const LeakFinding* finding) {
        return finding != nullptr && (finding->residual.low > 0 || !measured(finding));
    };
    return speaks(before) || speaks(after);
}

} // namespace

void compare_leaks(const result::RunResult& before, const result::RunResult& after, Rows& rows)
{
    std::vector<std::string> gauges;
    std::set<std::string> seen;
    for (const auto* run : {&before, &after}) {
        for (const auto& finding : run->leaks) {
            if (seen.insert(finding.gauge).second) {
                gauges.push_back(finding.gauge);
            }
        }
    }
    for (const auto& gauge : gauges) {
        const auto* was = find_by(before.leaks, &LeakFinding::gauge, gauge);
        const auto* is = find_by(after.leaks, &LeakFinding::gauge, gauge);
        if (!worth_a_row(was, is)) {
            continue;
        }
        const bool memory = (was != nullptr ? was : is)->kind == GaugeKind::memory;
        const auto value = [](const LeakFinding* finding) {
            return measured(finding) ? std::optional(finding->residual.value) : std::nullopt;
        };
        auto row =
            numbers_row("leaks", gauge, memory ? result::Unit::bytes : result::Unit::count, value(was), value(is));
        row.before_text = text_of(was);
        row.after_text = text_of(is);
        judge(was, is, row);
        rows.push_back(std::move(row));
    }
}

} // namespace squall::analysis
