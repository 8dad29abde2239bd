// What is said when a stack cannot start: what, which service, the end of its log, the way out. Pure.
#pragma once

#include "stack/process_table.hpp"
#include "stack/recipe.hpp"

namespace squall::stack {

[[nodiscard]] Error port_taken(const std::string& service, int port, const std::optional<ProcessStat>& holder);
/// `named`: the scenario gave the path.
[[nodiscard]] Error target_missing(const std::string& program, bool named);
/// `log_end` as describe_log_end() gives it.
[[nodiscard]] Error ended_early(const Recipe& recipe, const Ended& ended, const std::string& log_end);
[[nodiscard]] Error never_ready(const Recipe& recipe, const std::string& last_answer, const std::string& log_end);

} // namespace squall::stack
