#include "engine/conclude_gauges.hpp"

#include <algorithm>

namespace squall::engine {
namespace {

using analysis::GaugeKind;
using analysis::ResidualEstimate;

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

/// Every count that could be judged, clean ones too; of memory only what kept more than kibibytes, and not address
/// space, which is no memory.
bool is_worth_a_row(const ResidualEstimate& estimate)
{
    constexpr double least_memory = 1 << 20;
    if (estimate.verdict == analysis::LeakVerdict::not_enough_data || estimate.gauge.ends_with(".vms")) {
        return false;
    }
    return estimate.kind == GaugeKind::count ||
           (estimate.verdict == analysis::LeakVerdict::retained && estimate.residual.low >= least_memory);
}

bool service_restarted(const RunRecord& record, const std::string& gauge)
{
    const auto service = gauge.substr(0, gauge.find('.'));
    return std::any_of(record.stamps.begin(), record.stamps.end(), [&service](const auto& stamp) {
        return stamp.kind == "service_died" && stamp.text.starts_with(service + " ");
    });
}

std::optional<analysis::Attribution> attribution_of(const RunRecord& record, const ResidualEstimate& estimate)
{
    const auto traffic = record.traffic();
    if (!traffic || estimate.verdict != analysis::LeakVerdict::retained) {
        return std::nullopt;
    }
    return analysis::attribute(
        {record.gauges.at(estimate.gauge), *traffic, record.candidates, estimate.residual.value});
}

/// What was kept first; of those the ones that an SLO names, then counts before memory, then the larger residual.
bool stands_before(const result::LeakFinding& a, const result::LeakFinding& b, const std::set<std::string>& named)
{
    const auto rank = [&named](const result::LeakFinding& finding) {
        return std::tuple(finding.verdict != result::LeakVerdict::retained, named.count(finding.gauge) == 0,
                          finding.kind == GaugeKind::memory, -finding.residual.value);
    };
    return rank(a) < rank(b);
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

/// To a leak the warm-up is load like the rest.
std::vector<analysis::PhaseSpan> phases_of_leaks(const RunRecord& record)
{
    auto phases = record.phases;
    std::erase_if(phases, [](const auto& span) { return span.phase == measure::Phase::warm_up; });
    for (auto& span : phases) {
        if (span.phase == measure::Phase::load) {
            span = record.traffic().value_or(span);
        }
    }
    return phases;
}

} // namespace

std::map<std::string, ResidualEstimate> leak_estimates(const RunRecord& record)
{
    std::map<std::string, ResidualEstimate> estimates;
    std::uint64_t operations = record.warm_up_requests;
    for (const auto& step : record.load.steps) {
        operations += step.requests;
    }
    const auto phases = phases_of_leaks(record);
    const auto traffic = record.traffic();
    const double seconds = traffic ? traffic->end - traffic->begin : 0;
    const analysis::Exposure exposure{seconds / 3600, static_cast<double>(operations)};
    for (const auto& [name, series] : record.gauges) {
        if (series.kind != GaugeKind::other && !is_own(name)) {
            estimates.emplace(
                name, analysis::estimate_residual({series, phases, exposure, service_restarted(record, name), false}));
        }
    }
    return estimates;
}

std::vector<result::LeakFinding> leak_findings(const RunRecord& record,
                                               const std::map<std::string, ResidualEstimate>& estimates,
                                               const std::set<std::string>& named_by_slo)
{
    std::vector<result::LeakFinding> findings;
    for (const auto& [name, estimate] : estimates) {
        if (named_by_slo.count(name) > 0 || (says_something_new(name) && is_worth_a_row(estimate))) {
            findings.push_back(analysis::to_finding(estimate, attribution_of(record, estimate)));
        }
    }
    std::stable_sort(findings.begin(), findings.end(),
                     [&named_by_slo](const auto& a, const auto& b) { return stands_before(a, b, named_by_slo); });
    return findings;
}

std::vector<result::Gauge> gauge_rows(const RunRecord& record, const std::map<std::string, ResidualEstimate>& estimates)
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
        if (estimate != estimates.end() && estimate->second.baseline) {
            row.baseline = estimate->second.baseline->value;
            if (estimate->second.last) {
                row.residual = estimate->second.residual.value;
            }
        }
        row.series = thinned(series.points);
        rows.push_back(std::move(row));
    }
    return rows;
}

} // namespace squall::engine
