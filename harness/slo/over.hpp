// "over 10s" behind a bound: the check is judged in every window of that length.
#pragma once

#include "slo/check.hpp"

namespace squall::slo {

/// Where the word "over" and the length behind it begin.
struct OverColumns {
    std::size_t word = 0;
    std::size_t length = 0;
};

/// Reads `text`, what stands behind "over", into `check`, all else of which is already there.
[[nodiscard]] std::optional<Mistake> read_over(std::string_view text, OverColumns columns, Check& check);

} // namespace squall::slo
