// The increments of one gauge against those of one cause after another: generalised least squares. Used by
// attribution.cpp, where the method is explained.
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace squall::analysis {

/// The best fit of increments = dose · causes + errors σ²(I + φD) over a fixed grid of φ.
struct IncrementFit {
    double dose = 0;
    double log_likelihood = 0; // profiled over σ and φ, without its constant
    double correlation = 0;    // of the whitened increments, their means taken out
};

/// Holds what all fits of one gauge share.
class IncrementFitter {
public:
    explicit IncrementFitter(std::span<const double> increments);

    /// Nothing where the causes are all 0. As many causes as increments.
    [[nodiscard]] std::optional<IncrementFit> fit(std::span<const double> causes) const;

private:
    /// Cholesky factor of I + φD, D tridiagonal (2, −1): a bidiagonal matrix; and the increments seen through it.
    struct Whitened {
        Whitened(double noise_share, std::span<const double> values);
        [[nodiscard]] std::vector<double> whiten(std::span<const double> values) const;

        std::vector<double> diagonal;
        std::vector<double> below;
        double log_determinant = 0;
        std::vector<double> increments;
        std::vector<double> ones;
    };

    std::vector<Whitened> by_noise_;
};

} // namespace squall::analysis
