#include "analysis/floor.hpp"

#include "analysis/amount.hpp"
#include "base/time.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace squall::analysis {
namespace {

constexpr double shortest_window = 1; // seconds
constexpr double longest_window = 10;
constexpr std::size_t least_samples = 4;
constexpr double least_gap = 2; // seconds without a reading before the probe counts as gone
constexpr double first_reading_within = 1;

using Points = std::span<const GaugePoint>;

double median(std::vector<double> values)
{
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
}

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

double usual_spacing(const GaugeSeries& series)
{
    std::vector<double> spacings;
    for (std::size_t i = 1; i < series.points.size(); ++i) {
        spacings.push_back(series.points[i].at_seconds - series.points[i - 1].at_seconds);
    }
    return spacings.empty() ? 0 : median(std::move(spacings));
}

double longest_gap(Points points, double begin, double end)
{
    double longest = 0;
    double before = begin;
    for (const auto& point : points) {
        longest = std::max(longest, point.at_seconds - before);
        before = point.at_seconds;
    }
    return std::max(longest, end - before);
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

/// The end of a quiet phase. `moment` says for a person when it was: "after quiesce".
FloorReading read_quiet_phase(const ResidualInput& input, const PhaseSpan& phase, std::string_view moment)
{
    FloorReading reading;
    const double begin = window_begin(input.series, phase);
    const double window = phase.end - begin;
    const auto points = points_between(input.series.points, begin, phase.end);
    const double gap = std::max(least_gap, 5 * usual_spacing(input.series));
    if (points.empty() || longest_gap(points, begin, phase.end) > gap) {
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
    } else if (std::abs(reading.floor->drift) > drift_tolerance(input.series.kind, *reading.floor)) {
        reading.falling = reading.floor->drift < 0;
        reading.problem = fmt::format(
            "it had not settled {}: it still {} by {} in the last {}", moment, reading.falling ? "fell" : "rose",
            format_amount(input.series.kind, std::abs(reading.floor->drift)), seconds_text(window));
        reading.way_out = reading.falling ? "a quiesce longer than every idle timeout of the service"
                                          : "find what makes it rise without load";
    }
    return reading;
}

} // namespace

FloorReading read_baseline(const ResidualInput& input, bool& cold)
{
    const auto settle = find_phase(input.phases, measure::Phase::settle);
    cold = !settle || settle->end <= settle->begin;
    if (!cold) {
        return read_quiet_phase(input, *settle, "before the load");
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
    const auto quiesce = find_phase(input.phases, measure::Phase::quiesce);
    if (!quiesce || quiesce->end <= quiesce->begin) {
        return {
            {}, "there was no quiesce: what was still held was in use", "a quiesce phase that is not cut short", false};
    }
    return read_quiet_phase(input, *quiesce, "after the load");
}

double detrended_range(const ResidualInput& input)
{
    const auto load = find_phase(input.phases, measure::Phase::load);
    const auto points = load ? points_between(input.series.points, load->begin, load->end) : Points{};
    if (points.size() < 10) {
        return 0;
    }
    std::vector<double> values;
    for (const auto& point : points) {
        values.push_back(point.value);
    }
    const auto tenth = static_cast<std::ptrdiff_t>(values.size() / 10);
    const double first = median({values.begin(), values.begin() + tenth});
    const double last = median({values.end() - tenth, values.end()});
    const auto count = static_cast<double>(values.size());
    const double step =
        (last - first) / (count - static_cast<double>(tenth)); // from middle to middle of the end tenths
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] -= step * static_cast<double>(i);
    }
    std::ranges::sort(values);
    const auto rank = [&](double share) { return values[static_cast<std::size_t>(share * (count - 1))]; };
    return rank(0.95) - rank(0.05);
}

} // namespace squall::analysis
