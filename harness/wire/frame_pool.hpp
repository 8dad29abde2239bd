// Memory of coroutine frames, used again instead of being given back: the steady state allocates nothing.
#pragma once

#include <cstddef>

namespace squall::wire {

/// Free lists by size, one set a thread; no locks. What one thread allocated another may release: it then serves that
/// other one. Memory goes back to the system when its thread ends. Under AddressSanitizer frames come from the heap, so
/// that a use after the end is seen.
class FramePool {
public:
#if defined(__SANITIZE_ADDRESS__)
    static constexpr bool recycles = false;
#else
    static constexpr bool recycles = true;
#endif

    [[nodiscard]] static void* allocate(std::size_t bytes);
    static void release(void* frame, std::size_t bytes) noexcept;
};

} // namespace squall::wire
