// What standard output can show.
#pragma once

#include <cstdio>

namespace squall::cli {

/// True on a terminal unless NO_COLOR is set.
[[nodiscard]] bool wants_color(std::FILE* stream);
[[nodiscard]] bool is_terminal(std::FILE* stream);
/// Columns of the terminal; 100 where there is none.
[[nodiscard]] int terminal_width(std::FILE* stream);

} // namespace squall::cli
