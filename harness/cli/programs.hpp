// Where this program is, and the ones that came with it.
#pragma once

#include <string>
#include <vector>

namespace squall::cli {

/// The command that starts the keeper: this very program with its hidden verb; the socket's number is added.
[[nodiscard]] std::vector<std::string> keeper_command();
/// squall-target beside this program.
[[nodiscard]] std::string target_program();

} // namespace squall::cli
