#include "analysis/leak_finding.hpp"

#include <algorithm>
#include <cmath>

namespace squall::analysis {
namespace {

constexpr double least_share = 0.2;

std::string_view shape_name(Trend::Shape shape)
{
    switch (shape) {
    case Trend::Shape::flat:
        return "flat";
    case Trend::Shape::growing:
        return "growing";
    case Trend::Shape::decelerating:
        return "decelerating";
    case Trend::Shape::step:
        return "step";
    case Trend::Shape::not_enough_data:
        break;
    }
    return "not_enough_data";
}

std::string_view statistic_name(Blocks::Statistic statistic)
{
    switch (statistic) {
    case Blocks::Statistic::trimmed_mean:
        return "trimmed_mean";
    case Blocks::Statistic::tenth_percentile:
        return "p10";
    case Blocks::Statistic::minimum:
        return "min";
    case Blocks::Statistic::mean:
        break;
    }
    return "mean";
}

std::optional<result::LeakTrend> to_result(const Trend& trend)
{
    if (trend.why.empty()) {
        return std::nullopt;
    }
    result::LeakTrend row;
    row.shape = shape_name(trend.shape);
    row.statistic = statistic_name(trend.statistic);
    row.blocks = trend.blocks;
    row.t = std::isfinite(trend.t) ? std::optional(trend.t) : std::nullopt;
    row.per_hour = trend.per_hour;
    row.per_1000_operations = trend.per_1000_operations;
    row.theil_sen_per_hour = trend.theil_sen_per_hour;
    row.why = trend.why;
    return row;
}

/// Every k-th point; a floor has no peaks to lose.
std::vector<result::GaugePoint> thinned(const std::vector<GaugePoint>& line)
{
    const auto step = line.size() / result::most_gauge_points + 1;
    std::vector<result::GaugePoint> thin;
    for (std::size_t at = 0; at < line.size(); at += step) {
        thin.push_back({line[at].at_seconds, line[at].value});
    }
    return thin;
}

} // namespace

std::vector<result::LeakHolder> holders_of(const std::string& gauge,
                                           const std::map<std::string, LeakEstimate>& estimates)
{
    const auto whole = estimates.find(gauge);
    const double kept = whole == estimates.end() ? 0 : whole->second.residual.residual.value;
    std::vector<result::LeakHolder> holders;
    const auto prefix = gauge + "{";
    for (auto part = estimates.lower_bound(prefix); part != estimates.end() && part->first.starts_with(prefix);
         ++part) {
        const auto equals = part->first.find('=', prefix.size());
        const double of_part = part->second.residual.residual.value;
        if (kept > 0 && equals != std::string::npos && of_part >= least_share * kept) {
            holders.push_back({part->first.substr(prefix.size(), equals - prefix.size()),
                               part->first.substr(equals + 1, part->first.size() - equals - 2), of_part});
        }
    }
    std::ranges::stable_sort(holders, std::greater<>{}, &result::LeakHolder::kept);
    return holders;
}

result::LeakFinding to_finding(const FindingParts& parts)
{
    const auto& estimate = parts.estimate;
    const auto& residual = estimate.residual;
    result::LeakFinding finding;
    finding.gauge = residual.gauge;
    finding.kind = residual.kind;
    finding.unit = residual.kind == GaugeKind::memory ? "bytes" : "";
    finding.verdict = estimate.verdict;
    finding.residual = residual.residual;
    finding.per_hour = estimate.per_hour();
    finding.per_1000_operations = estimate.per_1000_operations();
    finding.upper_bound_per_hour = residual.upper_per_hour;
    finding.upper_bound_per_1000_operations = residual.upper_per_1000_operations;
    finding.exposure_hours = residual.exposure.hours;
    finding.exposure_operations = residual.exposure.operations;
    finding.attribution = parts.attribution ? to_result(*parts.attribution) : std::nullopt;
    std::vector<double> kept;
    kept.reserve(estimate.kept_by_cycle.size());
    for (const auto& cycle : estimate.kept_by_cycle) {
        kept.push_back(cycle.kept);
    }
    finding.evidence = {to_result(estimate.trend), std::move(kept),
                        estimate.ratchet ? std::optional(estimate.ratchet->filling_p) : std::nullopt, parts.holders,
                        thinned(estimate.floor)};
    if (!parts.certificate.text.empty()) {
        finding.certificate = {parts.certificate.text, parts.certificate.production_hours,
                               parts.certificate.upper_per_production_hour};
    }
    finding.why = estimate.why;
    finding.what_more = estimate.what_more;
    return finding;
}

} // namespace squall::analysis
