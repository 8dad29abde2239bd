// Invariants of our own code, checked in release builds too. What the world does is never asserted.
#pragma once

namespace squall {

/// Prints the broken invariant with its place and aborts.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

} // namespace squall

#define SQUALL_ASSERT(expression)                                                                                      \
    (static_cast<bool>(expression) ? static_cast<void>(0) : ::squall::assertion_failed(#expression, __FILE__, __LINE__))
