// The self-test of the leak estimators: series of known truth against the bounds of the specification. Prints the table
// and one line; exits 1 when a row misses its bound, or the figures that results carry are no longer those. The seeds
// are fixed. `calibrate [--write FILE] [SERIES]`, 2,000 a row by default; --write puts the new figures there.
#include "analysis/leak_verdict.hpp"
#include "analysis/ratchet.hpp"
#include "analysis/self_test.hpp"
#include "calibrate/known_series.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>

namespace squall::calibrate {
namespace {

using namespace squall::analysis;
using Shape = Trend::Shape;

constexpr double T = length;         // as the specification's table calls it
constexpr double poisson_rate = 0.5; // a second

/// A gauge under load, and what is still held when it has settled, against before.
struct Case {
    Levels levels;
    double kept = 0;
};

enum class Bound { at_most, at_least };

/// How often `says` may be true at most, or must be at least.
struct Row {
    const char* name;
    GaugeKind kind;
    std::function<Case(const Random&)> make;
    std::function<bool(const GaugeSeries&, const Case&)> says;
    Bound bound;
    double share;
};

GaugeSeries series_of(const Levels& levels, GaugeKind kind)
{
    GaugeSeries series{kind == GaugeKind::memory ? "service.rss" : "service.connections", kind, {}};
    for (std::size_t at = 0; at < levels.size(); ++at) {
        series.points.push_back({static_cast<double>(at) * read_every, levels[at]});
    }
    return series;
}

Trend trend_of(const GaugeSeries& series)
{
    return estimate_trend({series, {measure::Phase::load, 0, length}, {}});
}

bool grows(const GaugeSeries& series, const Case& /*made*/)
{
    return trend_of(series).shape == Trend::Shape::growing;
}

bool cannot_be_told(const GaugeSeries& series, const Case& /*made*/)
{
    return trend_of(series).shape == Trend::Shape::not_enough_data;
}

bool interval_holds_the_truth(const GaugeSeries& series, const Case& /*made*/)
{
    const auto rate = trend_of(series).per_hour;
    const double truth = poisson_rate * 3600;
    return rate && rate->low <= truth && truth <= *rate->high;
}

/// A whole cycle: settled before, loaded, settled after.
bool is_suspected(const GaugeSeries& series, const Case& made)
{
    constexpr double quiet = 12;
    GaugeSeries whole{series.name, series.kind, {}};
    for (double at = 0; at < quiet; at += read_every) {
        whole.points.push_back({at, 5});
    }
    for (const auto& point : series.points) {
        whole.points.push_back({quiet + point.at_seconds, 5 + point.value});
    }
    for (double at = 0; at < quiet; at += read_every) {
        whole.points.push_back({quiet + length + at, 5 + made.kept});
    }
    using measure::Phase;
    const std::vector<PhaseSpan> phases{{Phase::settle, 0, quiet},
                                        {Phase::load, quiet, quiet + length},
                                        {Phase::quiesce, quiet + length, 2 * quiet + length}};
    const auto residual = estimate_residual({whole, phases, {length / 3600, 500 * length}});
    const auto trend = estimate_trend({whole, phases[1], {}});
    return judge_cycle(residual, trend).verdict == LeakVerdict::suspected;
}

/// Six cycles: settled levels in `levels`, the first of them before all load; doses of a minute at 500/s.
bool is_confirmed(const GaugeSeries& series, const Case& /*made*/)
{
    std::vector<Exposure> doses;
    for (const double dose : ratchet_doses) {
        doses.push_back({dose * length / 3600, dose * 500 * length});
    }
    std::vector<double> levels;
    for (const auto& point : series.points) {
        levels.push_back(point.value);
    }
    const double kept = std::max(levels.back() - levels.front(), 0.0);
    const RatchetInput input{
        series.kind, levels.front(), std::span(levels).subspan(1), doses, garwood_interval(kept).low,
        true,        std::nullopt};
    return judge_ratchet(input).verdict == LeakVerdict::confirmed;
}

/// A settled level that moves by chance.
Case settled_by_chance(Random random)
{
    Case made;
    for (std::size_t cycle = 0; cycle <= std::size(ratchet_doses); ++cycle) {
        made.levels.push_back(std::round(50 + 5 * normal(random)));
    }
    return made;
}

/// Kept after so many doses: `leaked` a dose on average, and what a cache holds that fills with this time constant.
Case settled_after(Random random, double leaked, double cache, double time_constant)
{
    Case made;
    double doses = 0;
    double kept = 0;
    made.levels.push_back(12);
    for (const double dose : ratchet_doses) {
        doses += dose;
        kept += leaked > 0 ? poisson_count(random, leaked * dose) : 0;
        made.levels.push_back(12 + kept + std::round(cache * (1 - std::exp(-doses / time_constant))));
    }
    return made;
}

Levels busy(const Random& random)
{
    return in_use(random.stream("in use"), 10, 0.05);
}

Levels slowly_busy(const Random& random)
{
    return in_use(random.stream("in use"), 20, T / 30);
}

Case leaking(Levels levels, const std::vector<double>& times, double each = 1)
{
    leak(levels, times, each);
    return {std::move(levels), each * static_cast<double>(times.size())};
}

Case rising(Levels levels, double total)
{
    rise(levels, total);
    return {std::move(levels), total};
}

std::vector<double> fault_times()
{
    std::vector<double> times;
    for (int fault = 0; fault < 20; ++fault) {
        times.push_back(T * (fault + 0.5) / 20);
    }
    return times;
}

std::vector<Row> nulls()
{
    const auto count = GaugeKind::count;
    const auto memory = GaugeKind::memory;
    const auto most = Bound::at_most;
    return {
        {"in use: M/G/∞ 10, hold 50 ms", count, [](auto r) { return Case{busy(r)}; }, grows, most, 0.01},
        {"in use: M/G/∞ 20, hold T/30", count, [](auto r) { return Case{slowly_busy(r)}; }, grows, most, 0.01},
        {"AR(1), τ = T/20", count, [](auto r) { return Case{autoregressive(r, T / 20)}; }, grows, most, 0.01},
        {"sawtooth, period T/40", count, [](auto r) { return Case{sawtooth(r, T / 40, false)}; }, grows, most, 0.01},
        {"same, falls between readings", count, [](auto r) { return Case{sawtooth(r, T / 40, true)}; }, grows, most,
         0.01},
        {"sawtooth, period T/12: NOT ENOUGH DATA", count, [](auto r) { return Case{sawtooth(r, T / 12, false)}; },
         cannot_be_told, Bound::at_least, 0.99},
        {"base 5, one step of 1 to 5, M/G/∞ 3", count, [](auto r) { return Case{one_step(r)}; }, grows, most, 0.01},
        {"cache of 100, τ = T/6", memory, [](auto r) { return Case{filling(r, T / 6)}; }, grows, most, 0.01},
        {"cache of 100, τ = T/3", memory, [](auto r) { return Case{filling(r, T / 3)}; }, grows, most, 0.01},
        {"random walk", memory, [](auto r) { return Case{random_walk(r)}; }, grows, most, 0.015},
        {"most so far of M/G/∞ 20, primed 15 s", count, [](auto r) { return Case{most_so_far(r)}; }, grows, most, 0.02},
        {"constant 12 with 2 % blips", count, [](auto r) { return Case{blips(r)}; }, grows, most, 0.01},
        {"each leak taken back after 15 s", count,
         [](auto r) {
             Case made{busy(r)};
             leak(made.levels, poisson_times(r.stream("leak"), poisson_rate), 1, 15);
             return made;
         },
         grows, most, 0.02},
        {"six cycles, settled at random: CONFIRMED", count, [](auto r) { return settled_by_chance(r); }, is_confirmed,
         most, 0.01},
        {"six cycles, cache of 200, τ = 2 doses: CONFIRMED", count, [](auto r) { return settled_after(r, 0, 200, 2); },
         is_confirmed, most, 0.01},
    };
}

std::vector<Row> leaks()
{
    const auto count = GaugeKind::count;
    const auto least = Bound::at_least;
    const auto poisson = [](const Random& r) {
        return leaking(busy(r), poisson_times(r.stream("leak"), poisson_rate));
    };
    return {
        {"M/G/∞ 10 + Poisson leak 0.5/s", count, poisson, grows, least, 0.99},
        {"same: the slope's interval holds the truth", count, poisson, interval_holds_the_truth, least, 0.94},
        {"30 leaks, no noise", count,
         [](auto r) { return leaking(Levels(readings, 12.0), uniform_times(r.stream("leak"), 30)); }, grows, least,
         0.99},
        {"M/G/∞ 20 + 60 leaks", count,
         [](auto r) { return leaking(slowly_busy(r), uniform_times(r.stream("leak"), 60)); }, grows, least, 0.98},
        {"sawtooth + 60, linear", count, [](auto r) { return rising(sawtooth(r, T / 40, false), 60); }, grows, least,
         0.97},
        {"cache τ = T/6 + 60, linear", count, [](auto r) { return rising(filling(r, T / 6), 60); }, grows, least, 0.99},
        {"M/G/∞ 10 + 2 per fault, 20 faults", count, [](auto r) { return leaking(busy(r), fault_times(), 2); }, grows,
         least, 0.99},
        {"M/G/∞ 10 + 30 leaks from T/2 on", count,
         [](auto r) { return leaking(busy(r), uniform_times(r.stream("leak"), 30, T / 2)); }, grows, least, 0.80},
        {"one cycle, 500/s, 1 in 1000 leaks: SUSPECTED", count, poisson, is_suspected, least, 0.99},
        {"six cycles, 1 in 1000 leaks: CONFIRMED", count, [](auto r) { return settled_after(r, 30, 0, 1); },
         is_confirmed, least, 0.97},
    };
}

double share_of(const Row& row, int series)
{
    int found = 0;
    for (int seed = 0; seed < series; ++seed) {
        const auto made = row.make(Random(1).stream(row.name, static_cast<std::uint64_t>(seed)));
        found += row.says(series_of(made.levels, row.kind), made) ? 1 : 0;
    }
    return static_cast<double>(found) / series;
}

SelfTest measure(int series)
{
    SelfTest result;
    result.series = static_cast<std::uint64_t>(series);
    for (const auto& rows : {nulls(), leaks()}) {
        for (const auto& row : rows) {
            const double share = share_of(row, series);
            const bool holds = row.bound == Bound::at_most ? share <= row.share : share >= row.share;
            fmt::print("  {} {:<50} {:6.2f} %   {} {:.1f} %\n", holds ? "✓" : "✗", row.name, 100 * share,
                       row.bound == Bound::at_most ? "at most" : "at least", 100 * row.share);
            result.rows_held += holds ? 1 : 0;
            ++result.rows;
            auto& worst = row.bound == Bound::at_most ? result.worst_false_positive_rate : result.worst_power;
            worst = row.bound == Bound::at_most ? std::max(worst, share) : std::min(worst, share);
        }
    }
    return result;
}

/// Another compiler's rounding may turn a series in a thousand.
bool is_published(const SelfTest& measured)
{
    constexpr double tolerance = 0.003;
    const auto& told = published_self_test;
    return told.rows == measured.rows && told.rows_held == measured.rows_held && told.series == measured.series &&
           std::abs(told.worst_false_positive_rate - measured.worst_false_positive_rate) <= tolerance &&
           std::abs(told.worst_power - measured.worst_power) <= tolerance;
}

bool write_figures(const SelfTest& measured, const std::string& file)
{
    std::ofstream out(file);
    out << fmt::format("{}, {}, {}, {:.4f}, {:.4f}\n", measured.rows, measured.rows_held, measured.series,
                       measured.worst_false_positive_rate, measured.worst_power);
    return static_cast<bool>(out.flush());
}

int run(int series, const std::string& file)
{
    const auto measured = measure(series);
    const bool published = is_published(measured);
    if (!file.empty() && !write_figures(measured, file)) {
        fmt::print(stderr, "calibrate: cannot write {}\n", file);
        return 1;
    }
    if (file.empty() && !published && measured.series == published_self_test.series) {
        fmt::print("the figures that results carry are old: ci/run.sh calibrate --write\n");
    }
    fmt::print("{} of {} rows hold ({} series each); worst false-positive rate {:.2f} %, worst power {:.1f} %\n",
               measured.rows_held, measured.rows, measured.series, 100 * measured.worst_false_positive_rate,
               100 * measured.worst_power);
    const bool told = published || !file.empty() || measured.series != published_self_test.series;
    return measured.rows_held == measured.rows && told ? 0 : 1;
}

} // namespace
} // namespace squall::calibrate

int main(int count, char** words)
{
    std::vector<std::string> rest(words + 1, words + count);
    std::string file;
    if (rest.size() >= 2 && rest.front() == "--write") {
        file = rest[1];
        rest.erase(rest.begin(), rest.begin() + 2);
    }
    const int series = rest.empty() ? 2000 : std::atoi(rest.front().c_str());
    if (series < 1 || rest.size() > 1) {
        fmt::print(stderr, "calibrate: expected [--write FILE] [SERIES], SERIES a number such as 2000\n");
        return 1;
    }
    return squall::calibrate::run(series, file);
}
