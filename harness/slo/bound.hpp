// The right side of a check: "500ms", "0.1%", "10MiB/h".
#pragma once

#include "slo/check.hpp"

namespace squall::slo {

/// Reads `text` into bound, unit and bound_text of `check`, whose left side is already there. `column` is where it
/// begins.
[[nodiscard]] std::optional<Mistake> read_bound(std::string_view text, std::size_t column, Check& check);

} // namespace squall::slo
