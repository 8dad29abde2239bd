#include "analysis/floor.hpp"

#include "analysis/amount.hpp"
#include "analysis/blocks.hpp"
#include "base/time.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace squall::analysis {
namespace {

constexpr double shortest_window = 1; // seconds
constexpr double longest_window = 10;
constexpr std::size_t least_samples = 4;
constexpr double first_reading_within = 1;

using Points = std::span<const GaugePoint>;

double lowest(Points points)
{
    return std::ranges::min(points, {}, &GaugePoint::value).value;
}

double deviation_of(Points points)
{
    if (points.size() < 2) {
        return 0;
    }
    const auto count = static_cast<double>(points.size());
    double mean = 0;
    for (const auto& point : points) {
        mean += point.value / count;
    }
    double squares = 0;
    for (const auto& point : points) {
        squares += (point.value - mean) * (point.value - mean);
    }
    return std::sqrt(squares / (count - 1));
}

Floor floor_of(Points points, double begin, double end)
{
    const auto half = points.size() / 2;
    const double drift = half == 0 ? 0 : lowest(points.subspan(half)) - lowest(points.first(half));
    return {lowest(points), deviation_of(points), drift, points.size(), begin, end};
}

/// COUNT: not one more or fewer. MEMORY: pages come and go without meaning.
double drift_tolerance(GaugeKind kind, const Floor& floor)
{
    return kind == GaugeKind::memory ? std::max(1024.0 * 1024, 0.01 * std::abs(floor.value)) : 0;
}

std::string seconds_text(double seconds)
{
    return format_duration(from_seconds(seconds));
}

/// Where the settled window begins. On a busy machine readings come late: the window then grows back until it holds
/// enough of them, at most over two thirds of the phase; what has not settled by then shows as drift.
double window_begin(const GaugeSeries& series, const PhaseSpan& phase)
{
    const double length = phase.end - phase.begin;
    const double usual = std::clamp(length / 3, std::min(shortest_window, length), longest_window);
    const double earliest = phase.end - std::max(usual, length * 2 / 3);
    double begin = phase.end - usual;
    if (points_between(series.points, begin, phase.end).empty()) {
        return begin; // the probe was gone: no reason to look further back
    }
    while (begin > earliest && points_between(series.points, begin, phase.end).size() < least_samples) {
        begin = std::max(earliest, begin - usual / 4);
    }
    return begin;
}

} // namespace

FloorReading read_rest(const GaugeSeries& series, const PhaseSpan& phase, std::string_view moment)
{
    FloorReading reading;
    const double begin = window_begin(series, phase);
    const double window = phase.end - begin;
    const auto points = points_between(series.points, begin, phase.end);
    if (points.empty() || unread_for(series, begin, phase.end) > 0) {
        reading.problem = fmt::format("it was not read all through the last {} {}", seconds_text(window), moment);
        reading.way_out = "see why the probe failed";
    }
    if (points.empty()) {
        return reading;
    }
    reading.floor = floor_of(points, begin, phase.end);
    if (!reading.problem.empty()) {
        return reading;
    }
    if (points.size() < least_samples) {
        reading.problem =
            fmt::format("it was read only {} times in the last {} {}", points.size(), seconds_text(window), moment);
        reading.way_out = "a longer quiesce, or a probe that reads more often";
    } else if (std::abs(reading.floor->drift) > drift_tolerance(series.kind, *reading.floor)) {
        reading.falling = reading.floor->drift < 0;
        reading.problem = fmt::format("it had not settled {}: it still {} by {} in the last {}", moment,
                                      reading.falling ? "fell" : "rose",
                                      format_amount(series.kind, std::abs(reading.floor->drift)), seconds_text(window));
        reading.way_out = reading.falling ? "a quiesce longer than every idle timeout of the service"
                                          : "find what makes it rise without load";
    }
    return reading;
}

FloorReading read_baseline(const ResidualInput& input, bool& cold)
{
    const auto settle = find_phase(input.phases, measure::Phase::settle);
    cold = !settle || settle->end <= settle->begin;
    if (!cold) {
        return read_rest(input.series, *settle, "before the load");
    }
    const auto load = find_phase(input.phases, measure::Phase::load);
    if (!load) {
        return {{}, "there was no load", "", false};
    }
    auto points = points_between(input.series.points, load->begin - longest_window, load->begin);
    if (points.empty()) { // probes that begin with the load: their first look is as near as it gets
        points = points_between(input.series.points, load->begin, load->begin + first_reading_within);
        points = points.first(std::min<std::size_t>(points.size(), 1));
    }
    if (points.empty()) {
        return {
            {}, "it was not read before the load", "see why the probe failed, or give the scenario a primer", false};
    }
    return {floor_of(points, points.front().at_seconds, points.back().at_seconds), "", "", false};
}

FloorReading read_last(const ResidualInput& input)
{
    const auto quiesce = std::find_if(input.phases.rbegin(), input.phases.rend(),
                                      [](const PhaseSpan& span) { return span.phase == measure::Phase::quiesce; });
    if (quiesce == input.phases.rend() || quiesce->end <= quiesce->begin) {
        return {
            {}, "there was no quiesce: what was still held was in use", "a quiesce phase that is not cut short", false};
    }
    return read_rest(input.series, *quiesce, "after the load");
}

double detrended_range(const ResidualInput& input)
{
    Points points;
    for (const auto& span : input.phases) {
        const auto of_load = points_between(input.series.points, span.begin, span.end);
        if (span.phase == measure::Phase::load && of_load.size() > points.size()) {
            points = of_load;
        }
    }
    if (points.size() < 10) {
        return 0;
    }
    std::vector<double> values;
    for (const auto& point : points) {
        values.push_back(point.value);
    }
    const auto level = detrended(values);
    return quantile_of(level, 0.95) - quantile_of(level, 0.05);
}

} // namespace squall::analysis
