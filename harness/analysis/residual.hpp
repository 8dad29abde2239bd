// Estimator B: what is still held after quiesce, against what was held before the load. One cycle of one run.
// (Estimator A, the slope under load, is trend.hpp; the ratchet over several cycles is ratchet.hpp; leak.hpp joins
// all.)
//
// R = b1 − b0. A floor b is the minimum of a settled window: the last third of a quiet phase, 1 s to 10 s long,
// longer where readings are few. b0 is
// the floor of the settle phase that follows the primer; without a primer, the level just before the load, which makes
// the baseline cold: what is opened once and kept then counts too, and the estimate says so.
//
// - COUNT: Garwood's exact Poisson interval (Biometrika 28, 1936): lo = ½χ²(.025; 2R), hi = ½χ²(.975; 2R+2); one-sided
//   95 % upper count ½χ²(.95; 2R+2): 2.996, 4.744, 6.296, 7.754 for R = 0 … 3.
// - MEMORY: R ± max(t·√(s0² + s1²), Rg, 24 MB where the process collects garbage); t at n0+n1−2 degrees of freedom, s
//   the standard deviation inside a settled window, Rg = p95 − p5 of the load window detrended by the medians of its
//   end tenths. The one-sided bound puts t(.95) in place of t(.975). Of levels taken right after a forced collection
//   only the first term counts, and never less than 1 MiB: but not for resident memory, which a runtime gives back when
//   it likes. Of resident memory less than 1 MiB is nothing: pages come and go without meaning.
//
// Rates divide by the exposure: hours of load, thousands of operations. What this estimator alone can say is RETAINED
// (the interval lies above 0), NO LEAK (above the bound it names) or NOT ENOUGH DATA; never CONFIRMED or SUSPECTED.
#pragma once

#include "analysis/series.hpp"

#include <optional>
#include <span>
#include <string>

namespace squall::analysis {

using Estimate = result::Estimate;
using LeakVerdict = result::LeakVerdict;

/// Over what a residual arose: the load phase only.
struct Exposure {
    double hours = 0;
    double operations = 0;
};

struct ResidualInput {
    const GaugeSeries& series;
    std::span<const PhaseSpan> phases;
    Exposure exposure;
    bool restarted = false;         // the process behind the gauge was started anew after the primer
    bool garbage_collected = false; // MEMORY: its runtime has a collector
    bool collected = false;         // which was made to run before each level was taken
};

/// The level of a settled window.
struct Floor {
    double value = 0;
    double deviation = 0; // standard deviation inside the window
    double drift = 0;     // floor of its second half minus floor of its first
    std::size_t samples = 0;
    double begin = 0;
    double end = 0;
};

struct ResidualEstimate {
    std::string gauge;
    GaugeKind kind = GaugeKind::count;
    LeakVerdict verdict = LeakVerdict::not_enough_data; // retained, no_leak or not_enough_data
    std::optional<Floor> baseline;
    std::optional<Floor> last;
    bool cold_baseline = false;
    Exposure exposure;
    Estimate residual;                // R with its two-sided 95 % interval; all 0 where a floor is missing
    double upper = 0;                 // one-sided 95 % bound of R
    std::optional<Estimate> per_hour; // empty without floors or without exposure
    std::optional<Estimate> per_1000_operations;
    std::optional<double> upper_per_hour; // one-sided 95 %
    std::optional<double> upper_per_1000_operations;
    std::string why;       // of the verdict, for a person
    std::string what_more; // what it takes to say more; empty: nothing
};

/// Never fails: what is missing is said in `why`.
[[nodiscard]] ResidualEstimate estimate_residual(const ResidualInput& input);

/// ½χ²(.025; 2R) … ½χ²(.975; 2R+2); count ≥ 0.
[[nodiscard]] Estimate garwood_interval(double count);
/// ½χ²(.95; 2R+2); count ≥ 0.
[[nodiscard]] double one_sided_upper_count(double count);
/// Exposure at which a run that keeps `count` units shows a rate below `rate`: U(count)/rate, in the rate's own unit.
[[nodiscard]] double exposure_to_show(double rate, double count = 0);

} // namespace squall::analysis
