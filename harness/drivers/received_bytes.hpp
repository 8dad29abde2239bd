// How much has come over a TCP connection, as the system counts it.
#pragma once

#include <cstdint>
#include <optional>

namespace squall::drivers {

/// One system call. Nothing for a socket that is not TCP.
[[nodiscard]] std::optional<std::uint64_t> received_bytes(int descriptor);

} // namespace squall::drivers
