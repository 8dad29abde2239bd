// A series of numbers as one line of bars.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace squall::reporters {

/// At most `columns` bars, each the highest value of its share of the series, from `floor` (or the lowest value, if
/// that is lower) to the highest. Fewer than two values: empty.
[[nodiscard]] std::string sparkline(const std::vector<double>& values, std::size_t columns, double floor = 0);

} // namespace squall::reporters
