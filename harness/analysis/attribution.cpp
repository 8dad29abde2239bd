#include "analysis/attribution.hpp"

#include "analysis/increments.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace squall::analysis {
namespace {

constexpr double least_growth = 5;
constexpr double least_growth_for_dose = 20;
constexpr double dose_tolerance = 0.02;
constexpr double decisive = 3; // of log-likelihood
constexpr double least_events = 5;
constexpr std::size_t least_windows = 8;
constexpr double dropped_share = 0.2;
constexpr std::array<double, 3> lags{0, 0.5, 1};

/// Events up to `seconds` after the load's begin; within a second they are taken as evenly spread.
double events_until(const Candidate& candidate, double seconds)
{
    if (candidate.cumulative.empty() || seconds <= 0) {
        return 0;
    }
    const auto whole = static_cast<std::size_t>(seconds);
    if (whole >= candidate.cumulative.size()) {
        return candidate.cumulative.back();
    }
    const double before = whole == 0 ? 0 : candidate.cumulative[whole - 1];
    return before + (candidate.cumulative[whole] - before) * (seconds - static_cast<double>(whole));
}

using Windows = std::vector<std::span<const GaugePoint>>;

/// The load after its first fifth in windows of one length. Empty when the gauge was not read in one of them.
Windows cut(const AttributionInput& input)
{
    const double begin = input.load.begin + dropped_share * (input.load.end - input.load.begin);
    const auto points = points_between(input.series.points, begin, input.load.end);
    if (points.size() < 2) {
        return {};
    }
    const double spacing =
        (points.back().at_seconds - points.front().at_seconds) / static_cast<double>(points.size() - 1);
    const double length = std::max(1.0, std::ceil(2 * spacing));
    const auto count = static_cast<std::size_t>((input.load.end - begin) / length);
    Windows windows;
    for (std::size_t i = 0; i < count; ++i) {
        const double from = begin + static_cast<double>(i) * length;
        windows.push_back(points_between(points, from, from + length));
        if (windows.back().empty()) {
            return {};
        }
    }
    return windows;
}

/// The mean over each window of what `level` says of a point.
template <typename Level>
std::vector<double> means(const Windows& windows, Level level)
{
    std::vector<double> result;
    for (const auto& window : windows) {
        double sum = 0;
        for (const auto& point : window) {
            sum += level(point);
        }
        result.push_back(sum / static_cast<double>(window.size()));
    }
    return result;
}

std::vector<double> differences(const std::vector<double>& levels)
{
    std::vector<double> result;
    for (std::size_t i = 1; i < levels.size(); ++i) {
        result.push_back(levels[i] - levels[i - 1]);
    }
    return result;
}

/// What all candidates are held against.
struct Growth {
    Windows windows;
    IncrementFitter fitter;
    double constant_pace; // log-likelihood of the rival
};

std::optional<Suspect> suspect(const AttributionInput& input, const Growth& growth, const Candidate& candidate)
{
    std::optional<IncrementFit> best;
    for (const double lag : lags) {
        const auto counts = means(growth.windows, [&](const GaugePoint& point) {
            return events_until(candidate, point.at_seconds - lag - input.load.begin);
        });
        const auto fit = growth.fitter.fit(differences(counts));
        if (fit && fit->dose > 0 && (!best || fit->log_likelihood > best->log_likelihood)) {
            best = fit;
        }
    }
    const double events = candidate.cumulative.empty() ? 0 : candidate.cumulative.back();
    if (!best || events < least_events) {
        return std::nullopt;
    }
    const double per_event = input.growth ? *input.growth / events : best->dose;
    return Suspect{name_of(candidate), events, per_event, best->correlation,
                   best->log_likelihood - growth.constant_pace};
}

bool is_whole_dose(const Suspect& suspect)
{
    const double nearest = std::round(suspect.per_event);
    return (nearest == 1 || nearest == 2) && std::abs(suspect.per_event - nearest) <= dose_tolerance * nearest;
}

Attribution nothing(std::string why)
{
    return {Attribution::Answer::nothing, {}, std::move(why)};
}

Attribution named(const Suspect& suspect)
{
    const auto text = fmt::format("{} per {}",
                                  suspect.per_event >= 0.95 ? fmt::format("{:.1f}", suspect.per_event)
                                                            : format_significant(suspect.per_event),
                                  suspect.name);
    return {Attribution::Answer::named, {suspect}, text};
}

/// `suspects`: best first.
Attribution decide(std::vector<Suspect> suspects, double growth)
{
    const double best = suspects.front().likelihood;
    const double top = std::max(best, 0.0);
    std::erase_if(suspects, [top](const Suspect& suspect) { return suspect.likelihood < top - decisive; });
    const bool beats_constant_pace = best >= decisive;
    if (beats_constant_pace && suspects.size() == 1) {
        return named(suspects.front());
    }
    if (growth >= least_growth_for_dose && std::ranges::count_if(suspects, is_whole_dose) == 1) {
        return named(*std::ranges::find_if(suspects, is_whole_dose));
    }
    if (!beats_constant_pace) {
        return nothing("it grew at a constant pace: no step is told from another by that");
    }
    std::vector<std::string> names;
    names.reserve(suspects.size());
    for (const auto& suspect : suspects) {
        names.push_back(suspect.name);
    }
    return {Attribution::Answer::ambiguous, std::move(suspects), "cannot be told apart: " + join(names, ", ")};
}

} // namespace

std::string name_of(const Candidate& candidate)
{
    return fmt::format("{} ({})", candidate.step, candidate.outcome);
}

Attribution attribute(const AttributionInput& input)
{
    if (input.series.kind != GaugeKind::count) {
        return nothing("only counts are followed to a step");
    }
    auto windows = cut(input);
    if (windows.size() < least_windows) {
        return nothing("the gauge was not read often enough during the load");
    }
    const auto levels = means(windows, [](const GaugePoint& point) { return point.value; });
    const double size = input.growth.value_or(levels.back() - levels.front());
    if (size < least_growth) {
        return nothing("it grew by less than 5");
    }
    const IncrementFitter fitter(differences(levels));
    const std::vector<double> ones(levels.size() - 1, 1.0);
    const Growth growth{std::move(windows), fitter, fitter.fit(ones)->log_likelihood};
    std::vector<Suspect> suspects;
    for (const auto& candidate : input.candidates) {
        if (auto found = suspect(input, growth, candidate)) {
            suspects.push_back(std::move(*found));
        }
    }
    if (suspects.empty()) {
        return nothing("no step happened often enough");
    }
    std::ranges::stable_sort(suspects, std::greater<>{}, &Suspect::likelihood);
    return decide(std::move(suspects), size);
}

std::optional<result::Attribution> to_result(const Attribution& attribution)
{
    if (attribution.answer == Attribution::Answer::nothing) {
        return std::nullopt;
    }
    const auto& best = attribution.suspects.front();
    if (attribution.answer == Attribution::Answer::ambiguous) {
        return result::Attribution{attribution.text, "", 0, 0, best.correlation};
    }
    return result::Attribution{attribution.text, best.name, best.count, best.per_event, best.correlation};
}

} // namespace squall::analysis
