// Base64 (RFC 4648, with padding), as HdrHistogram's logs use it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace squall::measure {

[[nodiscard]] std::string to_base64(std::string_view bytes);
/// Nothing for a text that is not base64.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

} // namespace squall::measure
