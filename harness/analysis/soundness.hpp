// Whether readings can be those of a thing that is held, before any estimator looks at them. Pure.
#pragma once

#include "analysis/series.hpp"

#include <string>

namespace squall::analysis {

/// Why they cannot, for a person; empty: nothing speaks against it. Looked for: readings that are no numbers, below 0,
/// above 2^53 (no longer counted one by one), out of the order of time (a clock was set), and a COUNT that falls by
/// 2^16, 2^31 or 2^32 at once, as a counter does that wraps.
[[nodiscard]] std::string what_is_unsound(const GaugeSeries& series);

} // namespace squall::analysis
