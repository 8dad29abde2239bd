// A line through the values of blocks, with an error that bears their being correlated. Used by trend.cpp, where the
// method and its sources are explained.
#pragma once

#include <limits>
#include <span>

namespace squall::analysis {

/// By ordinary least squares; the abscissa is the block's number, from 0.
struct Line {
    double slope = 0; // a block
    double intercept = 0;
    double error = 0;       // of the slope, HAR
    double plain_error = 0; // of the slope, were the residuals independent
    double squares = 0;     // of the residuals
    double t() const { return error > 0 ? slope / error : slope > 0 ? std::numeric_limits<double>::infinity() : 0; }
};

/// At least 6 values.
[[nodiscard]] Line fit_line(std::span<const double> values);

/// Theil and Sen's slope: of all pairs the median.
[[nodiscard]] double median_of_slopes(std::span<const double> values);

} // namespace squall::analysis
