#include "analysis/increments.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace squall::analysis {
namespace {

/// φ: variance of the level's noise over that of what stays.
constexpr std::array<double, 9> noise_shares{0, 0.1, 0.3, 1, 3, 10, 30, 100, 1000};
/// A gauge that counts cannot be known better than this; without a floor a perfect fit has no likelihood.
constexpr double least_variance = 0.01;

double dot(std::span<const double> a, std::span<const double> b)
{
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// Correlation of a and b once both are freed of their part along `direction`.
double partial_correlation(std::span<const double> a, std::span<const double> b, std::span<const double> direction)
{
    const double length = dot(direction, direction);
    const double a_along = dot(a, direction);
    const double b_along = dot(b, direction);
    const double a_rest = dot(a, a) - a_along * a_along / length;
    const double b_rest = dot(b, b) - b_along * b_along / length;
    if (a_rest <= 1e-9 * dot(a, a) || b_rest <= 1e-9 * dot(b, b)) {
        return 0; // one of them never varied
    }
    return (dot(a, b) - a_along * b_along / length) / std::sqrt(a_rest * b_rest);
}

} // namespace

IncrementFitter::Whitened::Whitened(double noise_share, std::span<const double> values)
    : diagonal(values.size()),
      below(values.size())
{
    for (std::size_t i = 0; i < values.size(); ++i) {
        below[i] = i == 0 ? 0 : -noise_share / diagonal[i - 1];
        diagonal[i] = std::sqrt(1 + 2 * noise_share - below[i] * below[i]);
        log_determinant += 2 * std::log(diagonal[i]);
    }
    increments = whiten(values);
    ones = whiten(std::vector<double>(values.size(), 1.0));
}

std::vector<double> IncrementFitter::Whitened::whiten(std::span<const double> values) const
{
    std::vector<double> white(values.size());
    double before = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        before = (values[i] - below[i] * before) / diagonal[i];
        white[i] = before;
    }
    return white;
}

IncrementFitter::IncrementFitter(std::span<const double> increments)
{
    for (const double share : noise_shares) {
        by_noise_.emplace_back(share, increments);
    }
}

std::optional<IncrementFit> IncrementFitter::fit(std::span<const double> causes) const
{
    std::optional<IncrementFit> best;
    for (const auto& white : by_noise_) {
        const auto& y = white.increments;
        const auto x = white.whiten(causes);
        const double xx = dot(x, x);
        if (xx <= 0) {
            return std::nullopt;
        }
        const auto count = static_cast<double>(y.size());
        const double dose = dot(x, y) / xx;
        const double variance = std::max((dot(y, y) - dose * dose * xx) / count, least_variance);
        const double likelihood = -count / 2 * std::log(variance) - white.log_determinant / 2;
        if (!best || likelihood > best->log_likelihood) {
            best = IncrementFit{dose, likelihood, partial_correlation(y, x, white.ones)};
        }
    }
    return best;
}

} // namespace squall::analysis
