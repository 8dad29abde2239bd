// The self-test of the leak estimators: series of known truth against the bounds of the specification. Prints the table
// and one line; exits 1 when a row misses its bound. `calibrate [SERIES]`, 2,000 a row by default; the seeds are fixed.
#include "analysis/leak_verdict.hpp"
#include "calibrate/known_series.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <functional>

namespace squall::calibrate {
namespace {

using namespace squall::analysis;
using Shape = Trend::Shape;

constexpr double bucket = length; // what the table calls T

/// A row: how often `counts` may be true at most, or must be at least.
struct Row {
    const char* name;
    GaugeKind kind;
    std::function<Levels(const Random&)> make;
    std::function<bool(const GaugeSeries&, std::size_t leaked)> counts;
    enum class Bound { at_most, at_least } bound;
    double share;
};

GaugeSeries series_of(const Levels& levels, GaugeKind kind)
{
    GaugeSeries series{kind == GaugeKind::memory ? "service.rss" : "service.connections", kind, {}};
    for (std::size_t at = 0; at < levels.size(); ++at) {
        series.points.push_back({static_cast<double>(at) * read_every, levels[at]});
    }
    return series;
}

Trend trend_of(const GaugeSeries& series)
{
    return estimate_trend({series, {measure::Phase::load, 0, length}, {}});
}

bool grows(const GaugeSeries& series, std::size_t /*leaked*/)
{
    return trend_of(series).shape == Shape::growing;
}

bool cannot_be_told(const GaugeSeries& series, std::size_t /*leaked*/)
{
    return trend_of(series).shape == Shape::not_enough_data;
}

} // namespace
} // namespace squall::calibrate
