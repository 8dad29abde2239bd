// The folder of one run: journal.squall, result.json, histograms.hlog, logs/.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace squall::engine {

inline constexpr std::string_view journal_name = "journal.squall";

/// Creates `wanted`, or, when that is empty, squall-runs/<name>-<UTC time> below the working directory. A folder that
/// holds something already is refused: no result is ever overwritten. Returns the absolute path.
[[nodiscard]] Result<std::string> make_run_folder(std::string_view wanted, std::string_view scenario_name);

} // namespace squall::engine
