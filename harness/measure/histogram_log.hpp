// HdrHistogram's interval log, format 1.3: one compressed histogram a line, which HistogramLogProcessor and the log
// viewers of other tools open (HdrHistogram, HistogramLogWriter). Pure.
#pragma once

#include "base/time.hpp"
#include "measure/histogram.hpp"

#include <string>
#include <string_view>

namespace squall::measure {

/// The lines before the first interval. `started` is the run's start in ISO 8601, UTC ("2026-11-21T09:18:25Z"); a text
/// that is no such time gives the epoch. `note` is a comment line of its own.
[[nodiscard]] std::string histogram_log_header(std::string_view started, std::string_view note);

/// One interval, `begin` counted from the start. Values are in µs, the shown maximum in ms. An empty tag writes an
/// untagged line; a letter that a tag cannot hold (comma, space, control) becomes "_".
[[nodiscard]] std::string histogram_log_line(std::string_view tag, Duration begin, Duration length,
                                             const Histogram& histogram);

} // namespace squall::measure
