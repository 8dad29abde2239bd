// TOML text → Node. The only place that sees toml++.
#pragma once

#include "scenario/node.hpp"
#include "scenario/place.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace squall::scenario {

/// The whole document as a table, or where and why it is not TOML 1.0.
[[nodiscard]] std::variant<Node, Problem> read_toml(std::string_view text, const std::string& file);

/// The right side of `key = value`; nothing when the text is not one TOML value. Its mark is {file, 0, 0}.
[[nodiscard]] std::optional<Node> read_toml_value(std::string_view text, const std::string& file);

/// `user."meal planner".think` → its three parts; nothing when the text is not a TOML key.
[[nodiscard]] std::optional<std::vector<std::string>> read_toml_key(std::string_view text);

} // namespace squall::scenario
