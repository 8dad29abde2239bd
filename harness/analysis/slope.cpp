#include "analysis/slope.hpp"

#include "analysis/blocks.hpp"

#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

namespace squall::analysis {
namespace {

using Values = std::span<const double>;

double dot(Values a, Values b)
{
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// Takes out of `values` what lies along the unit vector `direction`.
void project_out(std::vector<double>& values, Values direction)
{
    const double along = dot(values, direction);
    for (std::size_t at = 0; at < values.size(); ++at) {
        values[at] -= along * direction[at];
    }
}

void normalise(std::vector<double>& values)
{
    const double length = std::sqrt(dot(values, values));
    for (double& value : values) {
        value /= length;
    }
}

/// Ω: the long-run variance of the residuals by four cosines, orthonormal to {1, k}.
double long_run_variance(Values residuals)
{
    const auto count = residuals.size();
    std::vector<std::vector<double>> basis{std::vector<double>(count, 1.0), std::vector<double>(count)};
    std::iota(basis[1].begin(), basis[1].end(), 0.0);
    normalise(basis[0]);
    project_out(basis[1], basis[0]);
    normalise(basis[1]);
    double sum = 0;
    for (int frequency = 1; frequency <= 4; ++frequency) {
        std::vector<double> wave(count);
        for (std::size_t k = 0; k < count; ++k) {
            wave[k] =
                std::cos(std::numbers::pi * frequency * (static_cast<double>(k) + 0.5) / static_cast<double>(count));
        }
        for (const auto& earlier : basis) {
            project_out(wave, earlier);
        }
        normalise(wave);
        sum += std::pow(dot(wave, residuals), 2);
        basis.push_back(std::move(wave));
    }
    return sum / 4;
}

} // namespace

Line fit_line(Values values)
{
    const auto count = static_cast<double>(values.size());
    const double middle = (count - 1) / 2;
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
    double spread = 0;
    double product = 0;
    for (std::size_t k = 0; k < values.size(); ++k) {
        const double x = static_cast<double>(k) - middle;
        spread += x * x;
        product += x * (values[k] - mean);
    }
    Line line;
    line.slope = product / spread;
    line.intercept = mean - line.slope * middle;
    std::vector<double> residuals;
    for (std::size_t k = 0; k < values.size(); ++k) {
        residuals.push_back(values[k] - line.intercept - line.slope * static_cast<double>(k));
    }
    line.squares = dot(residuals, residuals);
    // Rounding is no noise.
    const double rounding = 1e-18 * count * (mean * mean + 1);
    line.squares = line.squares < rounding ? 0 : line.squares;
    line.error = line.squares > 0 ? std::sqrt(long_run_variance(residuals) / spread) : 0;
    line.plain_error = count > 2 ? std::sqrt(line.squares / (count - 2) / spread) : 0;
    return line;
}

double median_of_slopes(Values values)
{
    std::vector<double> slopes;
    for (std::size_t a = 0; a < values.size(); ++a) {
        for (std::size_t b = a + 1; b < values.size(); ++b) {
            slopes.push_back((values[b] - values[a]) / static_cast<double>(b - a));
        }
    }
    return quantile_of(std::move(slopes), 0.5);
}

} // namespace squall::analysis
