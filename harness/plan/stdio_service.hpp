// Services that are spoken to over their stdin and stdout: how their commands become words.
#pragma once

#include "plan/bind_action.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall::plan {

/// Those of the stack, in the order of the file.
[[nodiscard]] std::vector<StdioService> stdio_services(const scenario::Scenario& scenario);

/// How the service called `name` is started by a step at this place; reports a name that no stdio service has (where
/// `name` is empty: that there is not exactly one) and a program that is not there.
[[nodiscard]] std::optional<RpcAction::Start> bind_start(std::string_view name, const StepPlace& at);

/// A command's words, with quotes as a shell has them; ${…} is left as it stands, and never split. Nothing where the
/// command wants a shell: it has pipes, redirections, $NAME, ~ or a wildcard, or begins with NAME=value.
[[nodiscard]] std::optional<std::vector<std::string>> split_plain_command(std::string_view command);

/// The path of an executable file: `program` itself where it has a slash (relative to `directory`), else beside this
/// program or on PATH. Nothing where there is none.
[[nodiscard]] std::optional<std::string> find_program(const std::string& program, const std::string& directory);

} // namespace squall::plan
