#include "plan/mix.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace squall::plan {
namespace {

constexpr std::size_t equal_cycles = 5;
constexpr double most = 0.4; // below what the primer adds (1.5), so that no part is above what pools were filled by

using Code = std::array<double, equal_cycles>;

// Of two parts the first and the second code are told apart best.
constexpr std::array<Code, distinct_parts> codes{{{1, -0.5, -1, -0.5, 1},
                                                  {-10.0 / 6, 13.0 / 6, 0, 1.0 / 6, -4.0 / 6},
                                                  {0.5, -1, 0, 1, -0.5},
                                                  {1.0 / 6, -4.0 / 6, 1, -4.0 / 6, 1.0 / 6}}};

} // namespace

std::vector<std::vector<double>> varied_mix(std::span<const double> weights, std::size_t first_code)
{
    const auto parts = weights.size();
    std::vector<std::vector<double>> mix(equal_cycles + 1, std::vector<double>(parts, 1));
    const double all = std::accumulate(weights.begin(), weights.end(), 0.0);
    if (parts < 2 || all <= 0) {
        return mix;
    }
    std::vector<std::vector<double>> deviations;
    double largest = 0;
    for (std::size_t cycle = 0; cycle < equal_cycles; ++cycle) {
        const auto code = [&](std::size_t part) { return codes[(first_code + part) % distinct_parts][cycle]; };
        double mean = 0; // taken away, so that the whole stays what it is
        for (std::size_t part = 0; part < parts; ++part) {
            mean += weights[part] / all * code(part);
        }
        auto& row = deviations.emplace_back();
        for (std::size_t part = 0; part < parts; ++part) {
            row.push_back(code(part) - mean);
            largest = std::max(largest, std::abs(row.back()));
        }
    }
    for (std::size_t cycle = 0; cycle < equal_cycles && largest > 0; ++cycle) {
        for (std::size_t part = 0; part < parts; ++part) {
            mix[cycle][part] += most * deviations[cycle][part] / largest;
        }
    }
    return mix;
}

} // namespace squall::plan
