// All that a run says of one gauge: estimator A (trend.hpp), estimator B (residual.hpp) and, over six cycles, the
// ratchet (ratchet.hpp), joined into one verdict with what it rests on. Pure.
//
// - One cycle, or two to five of a run that ended early: B over all of them, A over the last load, joined by
//   leak_verdict.hpp. Never CONFIRMED, but above a declared cap.
// - Six cycles of the doses of the ratchet: its verdict, and its rates, which know of leaks that come in batches. Where
//   it finds nothing kept, A and B speak as above.
// - A restart of the process is never bridged: what is judged are the cycles behind the last restart, against the rest
//   before them. Without one: NOT ENOUGH DATA.
// - Readings that cannot be those of a thing held (soundness.hpp): NOT ENOUGH DATA.
#pragma once

#include "analysis/leak_verdict.hpp"
#include "analysis/ratchet.hpp"
#include "analysis/residual.hpp"
#include "analysis/trend.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace squall::analysis {

/// A phase without load.
struct Rest {
    PhaseSpan span;
    bool collected = false; // runtimes were made to collect their garbage in it
};

/// One load and the rest behind it.
struct LeakCycle {
    PhaseSpan load;              // with the warm-up, if there was one
    std::optional<Rest> quiesce; // none: the run ended before
    double operations = 0;
};

/// A process that holds what the gauge counts was another's from here on.
struct Restart {
    std::string who; // the service
    double at_seconds = 0;
};

struct LeakInput {
    const GaugeSeries& series;
    std::optional<Rest> settle; // before the first load
    std::span<const LeakCycle> cycles;
    /// Operations up to the end of each second from the first load's begin on, over all cycles; empty: not known.
    std::span<const double> operations{};
    std::span<const Restart> restarts{};
    bool garbage_collected = false; // MEMORY: its runtime has a collector
    std::optional<double> declared_cap{};
};

struct LeakEstimate {
    ResidualEstimate residual; // of the cycles that are judged
    Trend trend;
    std::optional<Ratchet> ratchet;
    LeakVerdict verdict = LeakVerdict::not_enough_data;
    std::string why;
    std::string what_more;   // empty: nothing
    bool within_cap = false; // what was kept stays within the declared cap

    /// Two-sided 95 %: the ratchet's where it judged, otherwise the residual's.
    [[nodiscard]] const std::optional<Estimate>& per_hour() const;
    [[nodiscard]] const std::optional<Estimate>& per_1000_operations() const;
    /// The cycles that are judged, as far as they settled.
    std::vector<CycleDose> kept_by_cycle;
    /// The floor as a line: the rest before, the blocks of each load, the rest behind each.
    std::vector<GaugePoint> floor;
};

/// SUSPECTED or CONFIRMED.
[[nodiscard]] bool is_leak(LeakVerdict verdict);

/// Never fails: what is missing is said in `why`.
[[nodiscard]] LeakEstimate estimate_leak(const LeakInput& input);

} // namespace squall::analysis
