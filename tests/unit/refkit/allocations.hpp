// How often this thread has allocated: the promise "allocates nothing" is kept or broken by a number.
#pragma once

#include <cstdint>

namespace squall::refkit {

[[nodiscard]] std::uint64_t allocations_of_this_thread();

} // namespace squall::refkit
