// --set key.path=value: written over the file after the profile.
#pragma once

#include "scenario/cursor.hpp"
#include "scenario/node.hpp"
#include "scenario/shapes/shape.hpp"

#include <string>
#include <vector>

namespace squall::scenario {

/// The path is a TOML key; tables of an array are named: user.planner.step.login.timeout. The value is read as TOML,
/// and as a string where it is not TOML. Problems have the file "--set".
void apply_override(const std::string& text, Node& root, const Shape& shape, Reading& reading);

/// Every value of the table as apply_override() takes it: "pool.max=20".
[[nodiscard]] std::vector<std::string> as_overrides(const NodeTable& table);

} // namespace squall::scenario
