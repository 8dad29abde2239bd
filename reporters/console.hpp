// The summary of a run on a terminal. Order: the verdict; whether the generator can be trusted; then latency, errors,
// leaks, SLOs, notes, and where the files are. Sections without content are left out. Pure.
#pragma once

#include "result/run_result.hpp"

#include <string>

namespace squall::reporters {

struct ConsoleOptions {
    bool color = false;
    int width = 100; // columns; below 40 counts as 40
};

/// UTF-8, ends in a newline. Texts of foreign origin (error messages, names) lose their control characters.
[[nodiscard]] std::string render_console(const result::RunResult& result, const ConsoleOptions& options = {});

} // namespace squall::reporters
