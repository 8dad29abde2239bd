// The end of a log file, for error messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace squall::stack {

/// The last `count` lines that are not empty, passwords hidden.
[[nodiscard]] std::vector<std::string> last_lines(std::string_view text, std::size_t count);

/// "its log <path> ends:" and the last 8 lines indented; or that the log is empty.
[[nodiscard]] std::string describe_log_end(const std::string& path);

} // namespace squall::stack
