// Amounts of a gauge as a person reads them.
#pragma once

#include "analysis/series.hpp"

#include <string>

namespace squall::analysis {

/// "217", "1,234", "0.30"; of memory "12.0 MiB"; negative ones with their sign.
[[nodiscard]] std::string format_amount(GaugeKind kind, double amount);

} // namespace squall::analysis
