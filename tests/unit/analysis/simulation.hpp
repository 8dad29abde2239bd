// Series of known truth: Poisson steps, gauges with noise, leaks put in by hand. The seed replays any of them.
#pragma once

#include "analysis/attribution.hpp"
#include "base/random.hpp"

#include <cmath>
#include <string>
#include <vector>

namespace squall::analysis {

inline constexpr double read_every = 0.25;

/// Times of events at `per_second` over `seconds`.
inline std::vector<double> poisson_times(Random random, double per_second, double seconds)
{
    std::vector<double> times;
    for (double at = random.exponential(1 / per_second); at < seconds; at += random.exponential(1 / per_second)) {
        times.push_back(at);
    }
    return times;
}

inline Candidate counted(std::string step, std::string outcome, const std::vector<double>& times, double seconds)
{
    Candidate candidate{std::move(step), std::move(outcome), {}};
    std::size_t events = 0;
    for (double end = 1; end <= seconds + 1e-9; ++end) {
        while (events < times.size() && times[events] < end) {
            ++events;
        }
        candidate.cumulative.push_back(static_cast<double>(events));
    }
    return candidate;
}

/// Connections in use: Poisson arrivals, each holding one for an exponential time (M/G/∞), read every 250 ms.
inline std::vector<double> in_use(Random random, double mean, double hold, double seconds)
{
    std::vector<double> levels(static_cast<std::size_t>(seconds / read_every));
    // Begun early enough to be stationary at 0.
    for (double arrival = -10 * hold; arrival < seconds; arrival += random.exponential(hold / mean)) {
        const double end = arrival + random.exponential(hold);
        auto reading = static_cast<std::size_t>(std::max(0.0, std::ceil(arrival / read_every)));
        for (; reading < levels.size() && static_cast<double>(reading) * read_every < end; ++reading) {
            levels[reading] += 1;
        }
    }
    return levels;
}

/// Adds one unit for good at each of `times` with this chance.
inline double add_leak(std::vector<double>& levels, const std::vector<double>& times, double chance, Random random)
{
    double kept = 0;
    std::size_t next = 0;
    for (std::size_t i = 0; i < levels.size(); ++i) {
        const double at = static_cast<double>(i) * read_every;
        for (; next < times.size() && times[next] <= at; ++next) {
            kept += random.uniform() < chance ? 1 : 0;
        }
        levels[i] += kept;
    }
    return kept;
}

inline GaugeSeries series_from(const std::vector<double>& levels, double begin = 0)
{
    GaugeSeries series{"postgres.connections", GaugeKind::count, {}};
    for (std::size_t i = 0; i < levels.size(); ++i) {
        series.points.push_back({begin + static_cast<double>(i) * read_every, levels[i]});
    }
    return series;
}

} // namespace squall::analysis
