#include "engine/conclude_gauges.hpp"

#include "analysis/leak_finding.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace squall::engine {
namespace {

using analysis::GaugeKind;
using analysis::LeakEstimate;

/// A leak of the generator's own is its health, not a finding about the stack.
bool is_own(const std::string& gauge)
{
    return gauge.starts_with("generator.");
}

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

/// "api" of "api.fds"; also of a gauge that a probe named.
std::string owner_of(const std::string& gauge)
{
    return gauge.substr(0, gauge.find('.'));
}

/// A service of the stack died, or NAME.started_at moved.
std::vector<analysis::Restart> restarts(const RunRecord& record)
{
    std::vector<analysis::Restart> found;
    for (const auto& stamp : record.stamps) {
        if (stamp.kind == "service_died") {
            found.push_back({stamp.text.substr(0, stamp.text.find(' ')), stamp.at_seconds});
        }
    }
    for (const auto& [name, series] : record.gauges) {
        for (std::size_t at = 1; name.ends_with(".started_at") && at < series.points.size(); ++at) {
            if (series.points[at].value != series.points[at - 1].value) {
                found.push_back({owner_of(name), series.points[at].at_seconds});
            }
        }
    }
    return found;
}

bool is_server(const measure::JournalHeader::Service& service)
{
    static const std::set<std::string> kinds{"postgres", "pgbouncer", "redis"};
    return kinds.count(service.kind) > 0;
}

/// A process's own gauges end with it. A server counts what the services hold, and a probe may: those are cut by the
/// restart of any of them.
std::vector<analysis::Restart> restarts_behind(const RunRecord& record, const std::string& gauge,
                                               const std::vector<analysis::Restart>& all)
{
    const auto owner = owner_of(gauge);
    const auto& services = record.header.services;
    const bool own_process = std::ranges::any_of(
        services, [&owner](const auto& service) { return service.name == owner && !is_server(service); });
    std::vector<analysis::Restart> behind;
    std::ranges::copy_if(all, std::back_inserter(behind),
                         [&](const auto& restart) { return !own_process || restart.who == owner; });
    return behind;
}

/// The servers that the harness brings do not collect garbage; of anything else nobody knows, and it is taken for so.
bool collects_garbage(const RunRecord& record, const std::string& gauge)
{
    const auto& services = record.header.services;
    const auto service = std::ranges::find(services, owner_of(gauge), &measure::JournalHeader::Service::name);
    return service == services.end() || !(is_server(*service) || service->kind == "target");
}

/// Requests up to the end of each second of the traffic, over all steps and outcomes.
std::vector<double> operations_by_second(const RunRecord& record)
{
    std::vector<double> operations;
    for (const auto& candidate : record.candidates) {
        operations.resize(std::max(operations.size(), candidate.cumulative.size()));
        for (std::size_t at = 0; at < operations.size(); ++at) {
            operations[at] += at < candidate.cumulative.size() ? candidate.cumulative[at] : candidate.cumulative.back();
        }
    }
    return operations;
}

std::vector<analysis::LeakCycle> cycles_of(const RunRecord& record)
{
    std::vector<analysis::LeakCycle> cycles;
    for (const auto& cycle : record.cycles) {
        analysis::LeakCycle judged{cycle.load, std::nullopt, cycle.operations};
        if (cycle.quiesce) {
            judged.quiesce = analysis::Rest{*cycle.quiesce, cycle.collected};
        }
        cycles.push_back(judged);
    }
    return cycles;
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

/// Every k-th point, and of each group the highest, so that a peak never vanishes.
std::vector<result::GaugePoint> thinned(const std::vector<analysis::GaugePoint>& points)
{
    const auto group = (points.size() + result::most_gauge_points - 1) / result::most_gauge_points;
    std::vector<result::GaugePoint> thin;
    for (std::size_t at = 0; at < points.size(); at += group) {
        const auto end = points.begin() + static_cast<std::ptrdiff_t>(std::min(at + group, points.size()));
        const auto peak = std::max_element(points.begin() + static_cast<std::ptrdiff_t>(at), end,
                                           [](const auto& a, const auto& b) { return a.value < b.value; });
        thin.push_back({peak->at_seconds, peak->value});
    }
    return thin;
}

} // namespace

LeakEstimates leak_estimates(const RunRecord& record)
{
    LeakEstimates estimates;
    const auto operations = operations_by_second(record);
    const auto cycles = cycles_of(record);
    const auto all_restarts = restarts(record);
    std::optional<analysis::Rest> settle;
    if (const auto span = record.span(measure::Phase::settle)) {
        settle = analysis::Rest{*span, record.settle_collected};
    }
    for (const auto& [name, series] : record.gauges) {
        if (series.kind == GaugeKind::other || is_own(name)) {
            continue;
        }
        const auto behind = restarts_behind(record, name, all_restarts);
        analysis::LeakInput input{series, settle, cycles, operations, behind, collects_garbage(record, name)};
        const auto cap = record.header.declared_caps.find(name);
        if (cap != record.header.declared_caps.end()) {
            input.declared_cap = cap->second;
        }
        estimates.emplace(name, analysis::estimate_leak(input));
    }
    return estimates;
}

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

std::vector<result::Gauge> gauge_rows(const RunRecord& record, const LeakEstimates& estimates)
{
    std::vector<result::Gauge> rows;
    for (const auto& [name, series] : record.gauges) {
        result::Gauge row;
        row.name = name;
        row.kind = series.kind;
        row.unit = series.kind == GaugeKind::memory ? "bytes" : "";
        const auto points = record.under_load(series);
        if (!points.empty()) {
            const auto [low, high] = std::minmax_element(
                points.begin(), points.end(), [](const auto& a, const auto& b) { return a.value < b.value; });
            row.min = low->value;
            row.max = high->value;
            for (const auto& point : points) {
                row.mean += point.value / static_cast<double>(points.size());
            }
        }
        row.last = series.points.empty() ? 0 : series.points.back().value;
        const auto estimate = estimates.find(name);
        if (estimate != estimates.end() && estimate->second.residual.baseline) {
            row.baseline = estimate->second.residual.baseline->value;
            if (estimate->second.residual.last) {
                row.residual = estimate->second.residual.residual.value;
            }
        }
        row.series = thinned(series.points);
        rows.push_back(std::move(row));
    }
    return rows;
}

} // namespace squall::engine
