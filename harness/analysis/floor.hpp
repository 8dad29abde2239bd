// The settled windows of a run and their floors. Used by residual.cpp, where the rules are explained.
#pragma once

#include "analysis/residual.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace squall::analysis {

/// A floor, or why there is none that can be used; `floor` is set whenever there were points at all.
struct FloorReading {
    std::optional<Floor> floor;
    std::string problem;  // empty: none
    std::string way_out;  // what the user can do about the problem
    bool falling = false; // the problem is only that it still fell: the true floor is at most this one
};

/// Before the load. `cold` is set when there was no settle phase.
[[nodiscard]] FloorReading read_baseline(const ResidualInput& input, bool& cold);
/// After the last quiesce.
[[nodiscard]] FloorReading read_last(const ResidualInput& input);
/// At the end of any quiet phase; `moment` says for a person when it was: "after the load".
[[nodiscard]] FloorReading read_rest(const GaugeSeries& series, const PhaseSpan& phase, std::string_view moment);

/// p95 − p5 of the longest load, detrended by a line through the medians of its end tenths.
[[nodiscard]] double detrended_range(const ResidualInput& input);

} // namespace squall::analysis
