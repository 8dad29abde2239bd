// Commands of Redis as the bytes that are sent.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace squall::drivers {

/// Appends one command as an array of bulk strings, which is how clients speak in RESP2 and in RESP3.
void append_command(std::span<const std::string_view> words, std::string& out);

} // namespace squall::drivers
