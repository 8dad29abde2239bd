// Two runs side by side on a terminal: the verdict, which runs they are, what may make them incomparable, then metric
// by metric in groups. Pure.
#pragma once

#include "reporters/console.hpp"
#include "result/comparison.hpp"

#include <string>

namespace squall::reporters {

/// UTF-8, ends in a newline.
[[nodiscard]] std::string render_console_comparison(const result::Comparison& comparison,
                                                    const ConsoleOptions& options = {});

} // namespace squall::reporters
