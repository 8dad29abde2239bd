#include "reporters/sparkline.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace squall::reporters {

std::string sparkline(const std::vector<double>& values, std::size_t columns, double floor)
{
    constexpr std::array<std::string_view, 8> bars{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    std::vector<double> known;
    std::copy_if(values.begin(), values.end(), std::back_inserter(known),
                 [](double value) { return std::isfinite(value); });
    columns = std::min(columns, known.size());
    if (known.size() < 2 || columns == 0) {
        return {};
    }
    const auto [lowest, highest] = std::minmax_element(known.begin(), known.end());
    const double bottom = std::min(floor, *lowest);
    const double span = *highest - bottom;
    std::string line;
    for (std::size_t column = 0; column < columns; ++column) {
        const auto first = known.begin() + static_cast<std::ptrdiff_t>(column * known.size() / columns);
        const auto last = known.begin() + static_cast<std::ptrdiff_t>((column + 1) * known.size() / columns);
        const double share = span > 0 ? (*std::max_element(first, last) - bottom) / span : 0;
        line += bars[static_cast<std::size_t>(std::lround(share * 7))];
    }
    return line;
}

} // namespace squall::reporters
