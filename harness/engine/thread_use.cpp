#include "engine/thread_use.hpp"

#include <cstdio>
#include <ctime>
#include <memory>

namespace squall::engine {
namespace {

Duration waited_so_far()
{
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/thread-self/schedstat", "re"),
                                                               &std::fclose);
    unsigned long long ran = 0;
    unsigned long long waited = 0;
    if (!file || std::fscanf(file.get(), "%llu %llu", &ran, &waited) != 2) {
        return Duration::zero();
    }
    return Duration(static_cast<Duration::rep>(waited));
}

} // namespace

ThreadUse use_of_this_thread(Instant now)
{
    timespec ran{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ran);
    return {now, std::chrono::seconds(ran.tv_sec) + std::chrono::nanoseconds(ran.tv_nsec), waited_so_far()};
}

ThreadShare share_between(const ThreadUse& before, const ThreadUse& after)
{
    const double seconds = to_seconds(after.at - before.at);
    if (seconds <= 0) {
        return {};
    }
    return {to_seconds(after.ran - before.ran) / seconds, to_seconds(after.waited - before.waited) / seconds};
}

} // namespace squall::engine
