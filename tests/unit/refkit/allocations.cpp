#include "unit/refkit/allocations.hpp"

#include <cstdlib>
#include <new>

namespace {

thread_local std::uint64_t allocations = 0;

// Sanitizers replace the operators themselves; what is allocated is counted in all other builds.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define SQUALL_COUNTS_ALLOCATIONS
void* allocate(std::size_t size)
{
    ++allocations;
    if (void* memory = std::malloc(size != 0 ? size : 1)) {
        return memory;
    }
    throw std::bad_alloc();
}
#endif

} // namespace

std::uint64_t squall::refkit::allocations_of_this_thread()
{
    return allocations;
}

#ifdef SQUALL_COUNTS_ALLOCATIONS
// Replace the program's; the aligned ones stay the library's.
void* operator new(std::size_t size)
{
    return allocate(size);
}
void* operator new[](std::size_t size)
{
    return allocate(size);
}
void operator delete(void* memory) noexcept
{
    std::free(memory);
}
void operator delete[](void* memory) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept
{
    std::free(memory);
}
#endif
