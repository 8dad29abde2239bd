#include "analysis/attribution.hpp"

#include "analysis/amount.hpp"
#include "analysis/dose_regression.hpp"
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
constexpr double level_tolerance = 2; // units: the residual of a count is that exact
constexpr double decisive = 3;        // of log-likelihood
constexpr double least_events = 5;
constexpr std::size_t least_windows = 8;
constexpr double dropped_share = 0.2;
constexpr std::array<double, 3> lags{0, 0.5, 1};

double counted_from(const AttributionInput& input)
{
    return input.counted_from.value_or(input.load.begin);
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

/// What all candidates are held against: the increments of one load, and what each cycle kept.
class Growth {
public:
    explicit Growth(const AttributionInput& input) : input_(input)
    {
        if (input.series.kind == GaugeKind::count) {
            windows_ = cut(input);
        }
        if (windows_.size() >= least_windows) {
            levels_ = means(windows_, [](const GaugePoint& point) { return point.value; });
            fitter_.emplace(differences(levels_));
            const std::vector<double> ones(levels_.size() - 1, 1.0);
            constant_pace_ = fitter_->fit(ones)->log_likelihood;
        }
        for (const auto& cycle : input.cycles) {
            kept_.push_back(cycle.kept);
            hours_.push_back((cycle.load.end - cycle.load.begin) / 3600);
        }
    }

    [[nodiscard]] bool has_windows() const { return fitter_.has_value(); }
    [[nodiscard]] bool has_cycles() const { return kept_.size() >= least_cycles_for_doses; }

    /// What the gauge grew by, as far as can be told.
    [[nodiscard]] double size() const
    {
        return input_.growth.value_or(has_windows() ? levels_.back() - levels_.front() : 0);
    }

    /// The best of the lags, with its likelihood above the constant pace.
    [[nodiscard]] std::optional<IncrementFit> within_load(const Candidate& candidate) const
    {
        std::optional<IncrementFit> best;
        for (const double lag : lags) {
            const auto counts = means(windows_, [&](const GaugePoint& point) {
                return count_until(candidate.cumulative, point.at_seconds - lag - counted_from(input_));
            });
            auto fit = fitter_->fit(differences(counts));
            if (fit && fit->dose > 0 && (!best || fit->log_likelihood > best->log_likelihood)) {
                best = fit;
            }
        }
        if (best) {
            best->log_likelihood -= constant_pace_;
        }
        return best;
    }

    [[nodiscard]] std::optional<DoseFit> over_cycles(const Candidate& candidate) const
    {
        std::vector<double> events;
        for (const auto& cycle : input_.cycles) {
            events.push_back(count_until(candidate.cumulative, cycle.load.end - counted_from(input_)) -
                             count_until(candidate.cumulative, cycle.load.begin - counted_from(input_)));
        }
        return fit_doses(input_.series.kind, kept_, events, hours_);
    }

private:
    const AttributionInput& input_;
    Windows windows_;
    std::vector<double> levels_;
    std::optional<IncrementFitter> fitter_;
    double constant_pace_ = 0;
    std::vector<double> kept_;
    std::vector<double> hours_;
};

/// Events behind the growth: of the cycles, or of the one load.
double events_of(const AttributionInput& input, const Candidate& candidate)
{
    if (input.cycles.empty()) {
        return candidate.cumulative.empty() ? 0 : candidate.cumulative.back();
    }
    return count_until(candidate.cumulative, input.cycles.back().load.end - counted_from(input)) -
           count_until(candidate.cumulative, input.cycles.front().load.begin - counted_from(input));
}

std::optional<Suspect> suspect(const AttributionInput& input, const Growth& growth, const Candidate& candidate)
{
    const double events = events_of(input, candidate);
    if (events < least_events) {
        return std::nullopt;
    }
    Suspect found{name_of(candidate), events, 0, 0, 0};
    if (growth.has_windows()) {
        const auto fit = growth.within_load(candidate);
        if (!fit) {
            return std::nullopt;
        }
        found.per_event = fit->dose;
        found.correlation = fit->correlation;
        found.likelihood = fit->log_likelihood;
    }
    if (growth.has_cycles()) {
        const auto fit = growth.over_cycles(candidate);
        if (!fit) {
            return std::nullopt;
        }
        found.likelihood += fit->likelihood;
        found.correlation = fit->correlation;
    }
    if (input.growth) {
        found.per_event = *input.growth / events;
    }
    return found;
}

bool is_whole_dose(const Suspect& suspect)
{
    const double growth = suspect.per_event * suspect.count;
    return std::ranges::any_of(std::array{1.0, 2.0}, [&](double dose) {
        const double whole = dose * suspect.count;
        return std::abs(growth - whole) <= std::max(dose_tolerance * whole, level_tolerance);
    });
}

Attribution nothing(std::string why)
{
    return {Attribution::Answer::nothing, {}, std::move(why)};
}

Attribution named(GaugeKind kind, const Suspect& suspect)
{
    const auto amount = kind == GaugeKind::memory   ? format_amount(kind, suspect.per_event)
                        : suspect.per_event >= 0.95 ? fmt::format("{:.1f}", suspect.per_event)
                                                    : format_significant(suspect.per_event);
    return {Attribution::Answer::named, {suspect}, fmt::format("{} per {}", amount, suspect.name)};
}

/// `suspects`: best first.
Attribution decide(GaugeKind kind, std::vector<Suspect> suspects, double growth)
{
    const double best = suspects.front().likelihood;
    const double top = std::max(best, 0.0);
    std::erase_if(suspects, [top](const Suspect& suspect) { return suspect.likelihood < top - decisive; });
    const bool beats_constant_pace = best >= decisive;
    if (beats_constant_pace && suspects.size() == 1) {
        return named(kind, suspects.front());
    }
    if (kind == GaugeKind::count && growth >= least_growth_for_dose &&
        std::ranges::count_if(suspects, is_whole_dose) == 1) {
        return named(kind, *std::ranges::find_if(suspects, is_whole_dose));
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
    if (input.series.kind == GaugeKind::other) {
        return nothing("it is neither a count of things held nor memory");
    }
    const Growth growth(input);
    if (!growth.has_windows() && !growth.has_cycles()) {
        return nothing(input.series.kind == GaugeKind::memory ? "memory is followed to a step over several cycles only"
                                                              : "the gauge was not read often enough during the load");
    }
    if (input.series.kind == GaugeKind::count && growth.size() < least_growth) {
        return nothing("it grew by less than 5");
    }
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
    return decide(input.series.kind, std::move(suspects), growth.size());
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
