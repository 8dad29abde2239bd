// What each cycle kept against how often a cause happened in it: dose regression over the cycles of a run whose mix of
// steps was varied on purpose. Used by attribution.cpp.
//
// kept_c = dose · events_c, through the origin. COUNT: Poisson; with dose = Σkept/Σevents the log-likelihood is
// Σ kept·log λ − Σλ, λ_c = dose · events_c, but never below half a unit, as a level moves by one unit for other
// reasons; divided by φ = max(1, χ²/(n − 1)), χ² Pearson's of the pace below (McCullagh & Nelder, "Generalized Linear
// Models", 9.2), as leaks may come in batches. MEMORY: normal, the variance in proportion to the length of the cycle.
// The rival is a constant pace: hours in place of events.
#pragma once

#include "analysis/series.hpp"

#include <optional>
#include <span>

namespace squall::analysis {

struct DoseFit {
    double dose = 0;        // kept per event
    double likelihood = 0;  // log, above the constant pace
    double correlation = 0; // of kept and events, each by hour of its cycle
};

inline constexpr std::size_t least_cycles_for_doses = 4;

/// As many of each, one a cycle. Nothing with fewer than least_cycles_for_doses, where nothing was kept in all, or the
/// cause never happened.
[[nodiscard]] std::optional<DoseFit> fit_doses(GaugeKind kind, std::span<const double> kept,
                                               std::span<const double> events, std::span<const double> hours);

} // namespace squall::analysis
