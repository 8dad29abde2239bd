// histograms.hlog of a run: every second of its load, for HdrHistogram's own tools.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace squall::engine {

inline constexpr std::string_view histogram_file_name = "histograms.hlog";

/// Writes <folder>/histograms.hlog from the folder's journal; replaces an older one when it is complete. Untagged lines
/// are the response times of all steps together; "STEP.response", "STEP.service" and "STEP.lag" are tags. Only the load
/// phase, as everywhere.
[[nodiscard]] Result<void> write_histogram_file(const std::string& folder);

} // namespace squall::engine
