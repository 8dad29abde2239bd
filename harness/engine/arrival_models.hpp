// From the scenario's arrival table to the pure pacers.
#pragma once

#include "arrivals/closed_population.hpp"
#include "arrivals/pacer.hpp"
#include "engine/load_order.hpp"
#include "plan/plan.hpp"

#include <string>

namespace squall::engine {

/// Users wanted at each instant of a phase. A primer's ramp is shortened to half of the phase.
[[nodiscard]] arrivals::ClosedPopulation closed_population(const scenario::Arrival& arrival, Duration length,
                                                           double scale);

/// Arrivals of a phase; the same plan, population and phase give the same arrivals.
[[nodiscard]] arrivals::Pacer open_pacer(const plan::Population& population, const LoadOrder& order,
                                         std::uint64_t seed);

/// How many arrivals an open population has in a phase of that length, Poisson gaps on average.
[[nodiscard]] double planned_arrivals(const plan::Population& population, Duration length);

/// "closed model, 300 users over 5s", "open model, 200/s poisson, at most 1000 in flight".
[[nodiscard]] std::string describe_arrival(const plan::Population& population);

} // namespace squall::engine
