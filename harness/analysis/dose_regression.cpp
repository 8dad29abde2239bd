#include "analysis/dose_regression.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace squall::analysis {
namespace {

using Values = std::span<const double>;

constexpr double least_expected = 0.5; // units in a cycle
constexpr double least_error = 0.01;   // of what a cycle kept: bytes are never exact

double sum(Values values)
{
    return std::accumulate(values.begin(), values.end(), 0.0);
}

std::vector<double> expected(Values kept, Values causes)
{
    const double dose = sum(kept) / sum(causes);
    std::vector<double> rates;
    for (const double cause : causes) {
        rates.push_back(std::max(dose * cause, least_expected));
    }
    return rates;
}

double poisson_likelihood(Values kept, Values rates)
{
    double total = 0;
    for (std::size_t at = 0; at < kept.size(); ++at) {
        total += std::max(kept[at], 0.0) * std::log(rates[at]) - rates[at];
    }
    return total;
}

double dispersion(Values kept, Values rates)
{
    double squares = 0;
    for (std::size_t at = 0; at < kept.size(); ++at) {
        squares += (kept[at] - rates[at]) * (kept[at] - rates[at]) / rates[at];
    }
    return std::max(1.0, squares / static_cast<double>(kept.size() - 1));
}

double gain_of_counts(Values kept, Values events, Values hours)
{
    const auto by_events = expected(kept, events);
    const auto by_hours = expected(kept, hours);
    const double scale = std::min(dispersion(kept, by_events), dispersion(kept, by_hours));
    return (poisson_likelihood(kept, by_events) - poisson_likelihood(kept, by_hours)) / scale;
}

/// Σ (kept − dose · cause)² / hours, at the best dose.
double squares_left(Values kept, Values causes, Values hours)
{
    double product = 0;
    double square = 0;
    for (std::size_t at = 0; at < kept.size(); ++at) {
        product += kept[at] * causes[at] / hours[at];
        square += causes[at] * causes[at] / hours[at];
    }
    const double dose = product / square;
    double left = 0;
    for (std::size_t at = 0; at < kept.size(); ++at) {
        const double error = kept[at] - dose * causes[at];
        left += (error * error + std::pow(least_error * kept[at], 2)) / hours[at];
    }
    return left;
}

double gain_of_memory(Values kept, Values events, Values hours)
{
    const auto count = static_cast<double>(kept.size());
    return count / 2 * std::log(squares_left(kept, hours, hours) / squares_left(kept, events, hours));
}

double correlation_of(Values kept, Values events, Values hours)
{
    const auto count = static_cast<double>(kept.size());
    std::vector<double> a;
    std::vector<double> b;
    for (std::size_t at = 0; at < kept.size(); ++at) {
        a.push_back(kept[at] / hours[at]);
        b.push_back(events[at] / hours[at]);
    }
    const double mean_a = sum(a) / count;
    const double mean_b = sum(b) / count;
    double product = 0;
    double square_a = 0;
    double square_b = 0;
    for (std::size_t at = 0; at < a.size(); ++at) {
        product += (a[at] - mean_a) * (b[at] - mean_b);
        square_a += (a[at] - mean_a) * (a[at] - mean_a);
        square_b += (b[at] - mean_b) * (b[at] - mean_b);
    }
    return square_a > 0 && square_b > 0 ? product / std::sqrt(square_a * square_b) : 0;
}

} // namespace

std::optional<DoseFit> fit_doses(GaugeKind kind, Values kept, Values events, Values hours)
{
    SQUALL_ASSERT(kept.size() == events.size() && kept.size() == hours.size());
    if (kept.size() < least_cycles_for_doses || sum(kept) <= 0 || sum(events) <= 0 || std::ranges::min(hours) <= 0) {
        return std::nullopt;
    }
    DoseFit fit;
    fit.dose = sum(kept) / sum(events);
    fit.likelihood =
        kind == GaugeKind::memory ? gain_of_memory(kept, events, hours) : gain_of_counts(kept, events, hours);
    fit.correlation = correlation_of(kept, events, hours);
    return fit;
}

} // namespace squall::analysis
