// A command as one types it, split into words.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace squall::scenario {

/// As redis-cli splits a line: words are parted by blanks; "…" may hold blanks and the escapes \n \r \t \b \a \\ \"
/// \xHH, '…' may hold blanks and \'. ${…} is left as it is, blanks and quotes in it included. An error says which quote
/// is not closed, or that something follows a closing one at once.
[[nodiscard]] Result<std::vector<std::string>> split_command(std::string_view text);

} // namespace squall::scenario
