// Text measured, cut, wrapped and made safe by the columns it takes on a terminal. Text is UTF-8 throughout; bytes
// that are not count as one column each. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace squall::reporters {

/// Columns on a terminal: 0 for combining marks, 2 for East Asian wide letters and emoji, 1 for the rest.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// At most `width` columns: start and end kept, "…" between. The end names what differs in a long gauge name.
[[nodiscard]] std::string cut_middle(std::string_view text, std::size_t width);

/// Lines of at most `width` columns, broken at blanks; a longer word is broken inside. At least one line.
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, std::size_t width);

/// One line of a foreign text that is safe on a terminal: line breaks and tabs become blanks, other control characters
/// (escape sequences begin with one) and broken UTF-8 become "?".
[[nodiscard]] std::string printable(std::string_view text);

} // namespace squall::reporters
