// Whether bytes are UTF-8 (RFC 3629).
#pragma once

#include <string_view>

namespace squall::drivers {

/// No overlong forms, no surrogates, nothing above U+10FFFF, nothing cut short. Pure.
[[nodiscard]] bool is_utf8(std::string_view text);

} // namespace squall::drivers
