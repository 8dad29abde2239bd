// Recorded arrivals: when each iteration starts.
#pragma once

#include "base/time.hpp"
#include "scenario/place.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace squall::plan {

/// Reads a CSV text with a column "at": seconds from the start ("0.125"), durations ("125ms"), or times of day in
/// ISO 8601 ("2026-03-04T05:06:07.125Z"), all of one kind. Times count from the earliest. Gives the offsets in order;
/// logs are not always sorted. The first thing wrong is a problem at `file`:line.
[[nodiscard]] std::variant<std::vector<Duration>, scenario::Problem> read_arrivals(std::string_view text,
                                                                                   const std::string& file);

} // namespace squall::plan
