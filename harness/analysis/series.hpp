// What the estimators read: a gauge over the run, and where the phases lie. Times are seconds since the run's start.
#pragma once

#include "measure/phase.hpp"
#include "result/run_result.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace squall::analysis {

/// count: things held, one by one (connections, fds, threads). memory: bytes. other: neither can leak in a sense that
/// these estimators know (a share, a time, a counter that only ever grows).
using GaugeKind = result::GaugeKind;

/// By the last part of the name, labels left aside: "target.rss" → memory, "postgres.connections{user=x}" → count,
/// "redis.total_connections_received" → other.
[[nodiscard]] GaugeKind kind_of(std::string_view gauge_name);

/// Memory as the system counts it (".rss", ".pss", …): a runtime gives it back when it likes, if ever.
[[nodiscard]] bool is_resident(std::string_view gauge_name);

/// How much of it comes and goes without meaning: of resident memory a mebibyte, of anything else nothing.
[[nodiscard]] double meaningless_amount(std::string_view gauge_name);

struct GaugePoint {
    double at_seconds = 0;
    double value = 0;
};

/// Points in the order of time.
struct GaugeSeries {
    std::string name;
    GaugeKind kind = GaugeKind::count;
    std::vector<GaugePoint> points;
};

struct PhaseSpan {
    measure::Phase phase = measure::Phase::load;
    double begin = 0;
    double end = 0;
};

/// A load and what a gauge had kept of it after the rest behind.
struct CycleDose {
    PhaseSpan load;
    double kept = 0;
};

[[nodiscard]] std::optional<PhaseSpan> find_phase(std::span<const PhaseSpan> phases, measure::Phase phase);

/// Points with begin ≤ at < end.
[[nodiscard]] std::span<const GaugePoint> points_between(std::span<const GaugePoint> points, double begin, double end);

/// The longest time without a reading between `begin` and `end`, where it is so long that the probe must have been
/// gone: more than 2 s and 5 times the usual spacing. 0: none.
[[nodiscard]] double unread_for(const GaugeSeries& series, double begin, double end);

/// How much had been counted `seconds` after the counting began. [i] of `cumulative` is the count at the end of second
/// i; within a second it is taken as evenly spread, behind the last it stays.
[[nodiscard]] double count_until(std::span<const double> cumulative, double seconds);

} // namespace squall::analysis
