#include "base/forks.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

namespace squall {

std::atomic<unsigned> ForkMark::forks_{0};

ForkMark::ForkMark()
{
    static const int watching =
        ::pthread_atfork(nullptr, nullptr, [] { forks_.fetch_add(1, std::memory_order_relaxed); });
    (void)watching; // fails only without memory
    at_ = forks_.load(std::memory_order_relaxed);
}

void mute(int descriptor)
{
    const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nowhere >= 0) {
        ::dup3(nowhere, descriptor, O_CLOEXEC);
        ::close(nowhere);
    }
}

} // namespace squall
