#include "engine/conclude_gauges.hpp"

#include <algorithm>

namespace squall::engine {
namespace {

using analysis::GaugeKind;

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
