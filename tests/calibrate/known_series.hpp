// Gauges of known truth, as statistics.md 1 lists them: 60 s, read every 250 ms. A seed makes the same series again.
#pragma once

#include "base/random.hpp"

#include <vector>

namespace squall::calibrate {

inline constexpr double length = 60; // seconds of load
inline constexpr double read_every = 0.25;
inline constexpr std::size_t readings = 240;

using Levels = std::vector<double>;

double normal(Random& random);
/// Of a Poisson distribution with this mean.
double poisson_count(Random& random, double mean);

/// In use: Poisson arrivals, each holding one for an exponential time (M/G/∞), stationary from the start.
Levels in_use(Random random, double mean, double hold);
/// AR(1) with a standard deviation of 5 around 50, whole units.
Levels autoregressive(Random random, double time_constant);
/// From a floor of 200, which moves with a standard deviation of 4, up by 200 and back; periods vary by 15 %. It falls
/// back right at a reading, or anywhere between two: then what is read is above the floor by up to one step of the
/// rise.
Levels sawtooth(Random random, double period, bool between_readings);
Levels one_step(Random random);
/// 100(1 − e^(−t/τ)) + N(0, 1).
Levels filling(Random random, double time_constant);
Levels random_walk(Random random);
/// A pool that never shrinks: the most of M/G/∞ 20 so far, after a primer of 15 s.
Levels most_so_far(Random random);
Levels blips(Random random);

/// Times of a Poisson process with this many a second, from `begin` on.
std::vector<double> poisson_times(Random random, double per_second, double begin = 0);
/// `count` times at random from `begin` on.
std::vector<double> uniform_times(Random random, int count, double begin = 0);

/// One more at each of the times, for good or for so many seconds.
void leak(Levels& levels, const std::vector<double>& times, double each = 1, double kept_for = 1e9);
/// So many more over the whole length, evenly.
void rise(Levels& levels, double total);

} // namespace squall::calibrate
