// The phases of a run.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace squall::measure {

/// Only `load` is judged. settle and quiesce are without load; a warm_up is the begin of the load's own traffic.
enum class Phase : std::uint8_t { primer, settle, warm_up, load, quiesce };

[[nodiscard]] std::string_view to_string(Phase phase);
[[nodiscard]] std::optional<Phase> parse_phase(std::string_view text);

} // namespace squall::measure
