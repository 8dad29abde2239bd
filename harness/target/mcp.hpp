// The target's side of MCP (Model Context Protocol, 2025-06-18) over JSON-RPC 2.0: a message in, a message out.
#pragma once

#include "target/notes.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace squall::target {

struct McpAnswer {
    std::optional<std::string> message; // nothing: it was a notification
    bool initialized = false;           // it was "initialize", and went well
    bool over = false;                  // it was "exit"
};

/// Methods: initialize, ping, tools/list, tools/call of `remember` {key, text} and `recall` {key}, shutdown, exit.
[[nodiscard]] McpAnswer answer_mcp(std::string_view message, Notes& notes);

} // namespace squall::target
