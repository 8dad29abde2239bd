// The ratchet: six cycles of load and quiesce, of which the last is eight times as long. What is kept after every one
// of them, in proportion to what was done, is a leak; nothing else does that. Pure.
//
// - Record test: of five exchangeable levels the chance that each is higher than all before is 1/5! = 0.83 %.
// - Deceleration, of the cycles behind the first: COUNT x_last | n ~ Bin(n, 8/12), p < 0.005 in its lower tail;
//   MEMORY: the last cycle's rate is below half of that of the ones before. Either is FILLING.
// - Rate: pooled Poisson (Garwood) over the cycles; Student's t over the cycles' rates where their counts vary more
//   than twice as much as a Poisson's would (a leak in batches), and for MEMORY always.
// - MEMORY is CONFIRMED only where every level was taken after a forced collection, or the runtime has no collector.
// - With a declared cap, what stays within it is never called a leak.
//
// Limit. A cache that fills more slowly than about 0.65 of the whole dose cannot be told from a leak; the text says so.
#pragma once

#include "analysis/residual.hpp"

#include <optional>
#include <span>
#include <string>

namespace squall::analysis {

inline constexpr double ratchet_doses[] = {1, 1, 1, 1, 1, 8};

struct RatchetInput {
    GaugeKind kind = GaugeKind::count;
    double baseline = 0;             // settled level before the first cycle
    std::span<const double> levels;  // settled, after each cycle
    std::span<const Exposure> doses; // of each cycle
    double residual_low = 0;         // lower end of the interval of all that was kept, as residual.hpp has it
    bool collected = true;           // MEMORY: see above
    std::optional<double> declared_cap;
};

struct Ratchet {
    LeakVerdict verdict = LeakVerdict::not_enough_data; // confirmed, filling, suspected, retained, no_leak
    bool records = false;                               // every cycle of equal dose set a new one
    double filling_p = 1;                               // COUNT
    std::optional<Estimate> per_hour;                   // two-sided 95 %
    std::optional<Estimate> per_1000_operations;
    std::string why;
    std::string what_more; // empty: nothing
};

/// Six levels and doses, of which the last is the large one; with fewer: NOT ENOUGH DATA.
[[nodiscard]] Ratchet judge_ratchet(const RatchetInput& input);

} // namespace squall::analysis
