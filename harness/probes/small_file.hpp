// Files of /proc and of cgroups, read whole.
#pragma once

#include <optional>
#include <string>

namespace squall::probes {

/// The whole file; nothing when it cannot be read. Without the buffers of a stream: probes read thousands a second.
[[nodiscard]] std::optional<std::string> read_small_file(const char* path);

} // namespace squall::probes
