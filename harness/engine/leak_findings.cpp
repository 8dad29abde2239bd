#include "engine/leak_findings.hpp"

#include "analysis/leak_finding.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace squall::engine {
namespace {

using analysis::GaugeKind;
using analysis::LeakEstimate;

/// Parts of a total by state or user say the total again; by application or name they say whose it is.
bool says_something_new(const std::string& gauge)
{
    static const std::set<std::string> states{"active",    "idle",    "waiting", "cl_active", "cl_waiting",
                                              "sv_active", "sv_idle", "sv_used", "sv_login"};
    const auto label = gauge.find('{');
    if (label != std::string::npos) {
        return gauge.compare(label, 13, "{application=") == 0 || gauge.compare(label, 6, "{name=") == 0;
    }
    return states.count(gauge.substr(gauge.rfind('.') + 1)) == 0;
}

/// Every count that could be judged, clean ones too; of memory only what kept more than a mebibyte, and not address
/// space, which is no memory.
bool is_worth_a_row(const LeakEstimate& estimate)
{
    constexpr double least_memory = 1 << 20;
    const auto& residual = estimate.residual;
    if (estimate.verdict == analysis::LeakVerdict::not_enough_data || residual.gauge.ends_with(".vms")) {
        return false;
    }
    return residual.kind == GaugeKind::count ||
           (estimate.verdict != analysis::LeakVerdict::no_leak && residual.residual.low >= least_memory);
}

bool was_kept(const LeakEstimate& estimate)
{
    return estimate.verdict != analysis::LeakVerdict::not_enough_data && estimate.residual.residual.low > 0;
}

std::optional<analysis::Attribution> attribution_of(const RunRecord& record, const LeakEstimate& estimate)
{
    if (record.cycles.empty() || !was_kept(estimate)) {
        return std::nullopt;
    }
    const auto longest = std::ranges::max_element(record.cycles, {},
                                                  [](const Cycle& cycle) { return cycle.load.end - cycle.load.begin; });
    return analysis::attribute({record.gauges.at(estimate.residual.gauge), longest->load, record.candidates,
                                estimate.residual.residual.value, estimate.kept_by_cycle, record.traffic()->begin});
}

int rank_of(result::LeakVerdict verdict)
{
    using result::LeakVerdict;
    const std::array order{LeakVerdict::confirmed, LeakVerdict::suspected, LeakVerdict::retained,
                           LeakVerdict::unclear,   LeakVerdict::filling,   LeakVerdict::grows_but_releases};
    return static_cast<int>(std::ranges::find(order, verdict) - order.begin());
}

/// Leaks first; of those the ones that an SLO names, then counts before memory, then the larger residual.
bool stands_before(const result::LeakFinding& a, const result::LeakFinding& b,
                   const std::map<std::string, double>& bounds)
{
    const auto rank = [&bounds](const result::LeakFinding& finding) {
        return std::tuple(rank_of(finding.verdict), bounds.count(finding.gauge) == 0, finding.kind == GaugeKind::memory,
                          -finding.residual.value);
    };
    return rank(a) < rank(b);
}

result::LeakFinding finding_of(const RunRecord& record, const LeakEstimates& estimates, const LeakEstimate& estimate,
                               const std::map<std::string, double>& bounds)
{
    const auto bound = bounds.find(estimate.residual.gauge);
    std::optional<double> wanted;
    if (bound != bounds.end() && bound->second > 0) {
        wanted = bound->second;
    }
    const auto production = record.header.production_rate;
    analysis::FindingParts parts{estimate};
    parts.attribution = attribution_of(record, estimate);
    if (was_kept(estimate)) {
        parts.holders = analysis::holders_of(estimate.residual.gauge, estimates);
    }
    if (estimate.verdict == analysis::LeakVerdict::no_leak) {
        parts.certificate = analysis::certify(
            {estimate.residual, wanted, production ? std::optional(production->per_second()) : std::nullopt});
    }
    return analysis::to_finding(parts);
}

} // namespace

std::vector<result::LeakFinding> leak_findings(const RunRecord& record, const LeakEstimates& estimates,
                                               const std::map<std::string, double>& bounds)
{
    std::vector<result::LeakFinding> findings;
    for (const auto& [name, estimate] : estimates) {
        if (bounds.count(name) > 0 || (says_something_new(name) && is_worth_a_row(estimate))) {
            findings.push_back(finding_of(record, estimates, estimate, bounds));
        }
    }
    std::stable_sort(findings.begin(), findings.end(),
                     [&bounds](const auto& a, const auto& b) { return stands_before(a, b, bounds); });
    return findings;
}

} // namespace squall::engine
