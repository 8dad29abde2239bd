#include "calibrate/known_series.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace squall::calibrate {
namespace {

double time_of(std::size_t reading)
{
    return static_cast<double>(reading) * read_every;
}

/// M/G/∞ from `begin`, which may lie before 0; readings from there on.
Levels in_use_from(Random random, double mean, double hold, double begin)
{
    Levels levels(static_cast<std::size_t>((length - begin) / read_every));
    for (double arrival = begin - 10 * hold; arrival < length; arrival += random.exponential(hold / mean)) {
        const double end = arrival + random.exponential(hold);
        auto reading = static_cast<std::size_t>(std::max(0.0, std::ceil((arrival - begin) / read_every)));
        for (; reading < levels.size() && begin + time_of(reading) < end; ++reading) {
            levels[reading] += 1;
        }
    }
    return levels;
}

} // namespace

double normal(Random& random)
{
    const double radius = std::sqrt(-2 * std::log(1 - random.uniform())); // Box and Muller
    return radius * std::cos(2 * std::numbers::pi * random.uniform());
}

double poisson_count(Random& random, double mean)
{
    double count = 0;
    for (double at = random.exponential(1); at < mean; at += random.exponential(1)) {
        ++count;
    }
    return count;
}

Levels in_use(Random random, double mean, double hold)
{
    return in_use_from(random, mean, hold, 0);
}

Levels autoregressive(Random random, double time_constant)
{
    const double keeps = std::exp(-read_every / time_constant);
    double state = normal(random);
    Levels levels;
    for (std::size_t at = 0; at < readings; ++at) {
        levels.push_back(std::round(50 + 5 * state));
        state = keeps * state + std::sqrt(1 - keeps * keeps) * normal(random);
    }
    return levels;
}

Levels sawtooth(Random random, double period, bool between_readings)
{
    const auto next_period = [&] {
        const double next = period * (1 + 0.15 * (2 * random.uniform() - 1));
        return between_readings ? next : std::round(next / read_every) * read_every;
    };
    Levels levels;
    double begin = 0;
    double end = next_period();
    double floor = 200 + 4 * normal(random);
    for (std::size_t at = 0; at < readings; ++at) {
        while (time_of(at) >= end) {
            begin = end;
            end = begin + next_period();
            floor = 200 + 4 * normal(random);
        }
        levels.push_back(floor + 200 * (time_of(at) - begin) / (end - begin));
    }
    return levels;
}

Levels one_step(Random random)
{
    auto levels = in_use(random.stream("in use"), 3, 0.05);
    const double when = length * random.uniform();
    const auto height = static_cast<double>(random.between(1, 5));
    for (std::size_t at = 0; at < levels.size(); ++at) {
        levels[at] += 5 + (time_of(at) >= when ? height : 0);
    }
    return levels;
}

Levels filling(Random random, double time_constant)
{
    Levels levels;
    for (std::size_t at = 0; at < readings; ++at) {
        levels.push_back(100 * (1 - std::exp(-time_of(at) / time_constant)) + normal(random));
    }
    return levels;
}

Levels random_walk(Random random)
{
    Levels levels;
    double level = 100;
    for (std::size_t at = 0; at < readings; ++at) {
        levels.push_back(level);
        level += normal(random);
    }
    return levels;
}

Levels most_so_far(Random random)
{
    constexpr double primer = 15;
    auto levels = in_use_from(random, 20, length / 30, -primer);
    for (std::size_t at = 1; at < levels.size(); ++at) {
        levels[at] = std::max(levels[at], levels[at - 1]);
    }
    levels.erase(levels.begin(), levels.end() - static_cast<std::ptrdiff_t>(readings));
    return levels;
}

Levels blips(Random random)
{
    Levels levels;
    for (std::size_t at = 0; at < readings; ++at) {
        levels.push_back(12 + (random.uniform() < 0.02 ? static_cast<double>(random.between(1, 20)) : 0));
    }
    return levels;
}

std::vector<double> poisson_times(Random random, double per_second, double begin)
{
    std::vector<double> times;
    for (double at = begin + random.exponential(1 / per_second); at < length;
         at += random.exponential(1 / per_second)) {
        times.push_back(at);
    }
    return times;
}

std::vector<double> uniform_times(Random random, int count, double begin)
{
    std::vector<double> times;
    for (int i = 0; i < count; ++i) {
        times.push_back(begin + (length - begin) * random.uniform());
    }
    std::ranges::sort(times);
    return times;
}

void leak(Levels& levels, const std::vector<double>& times, double each, double kept_for)
{
    for (std::size_t at = 0; at < levels.size(); ++at) {
        for (const double time : times) {
            levels[at] += time <= time_of(at) && time_of(at) < time + kept_for ? each : 0;
        }
    }
}

void rise(Levels& levels, double total)
{
    for (std::size_t at = 0; at < levels.size(); ++at) {
        levels[at] += total * static_cast<double>(at) / static_cast<double>(levels.size());
    }
}

} // namespace squall::calibrate
