#include "engine/garbage_rounds.hpp"

#include <algorithm>

namespace squall::engine {
namespace {

// The longest settled window (analysis/floor.cpp): at the end of a phase, a third of it at most.
constexpr Duration longest_window = std::chrono::seconds(10);
constexpr Duration longest_answer = std::chrono::seconds(10);

} // namespace

GarbageRounds::GarbageRounds(const asio::any_io_executor& executor, std::vector<GarbageHook> hooks, RunLog& log,
                             const Clock& clock)
    : hooks_(std::move(hooks)),
      log_(log),
      clock_(clock),
      timer_(executor)
{}

/// Once for what the load left, and once for what was let go of meanwhile: idle connections, timers.
Task<void> GarbageRounds::attend(Duration length)
{
    if (hooks_.empty()) {
        co_return;
    }
    const Instant begin = clock_.now();
    const Duration before_window = length - std::min(length / 3, longest_window);
    const Instant window = begin + before_window;
    co_await round(begin + before_window / 3, begin + before_window * 2 / 3);
    co_await round(begin + before_window * 2 / 3, window);
}

Task<void> GarbageRounds::round(Instant at, Instant deadline)
{
    timer_.expires_at(at);
    if (!stopping_) {
        co_await timer_.async_wait(use_result);
    }
    bool all = true;
    for (const auto& hook : hooks_) {
        if (stopping_) {
            co_return;
        }
        const Instant until = std::min(deadline, clock_.now() + longest_answer);
        const auto collected = co_await collect_garbage(hook, until);
        if (!collected) {
            all = false;
            log_.stamp(clock_.now(), gc_failed_stamp, collected.error().message);
            if (told_.insert(hook.service).second) {
                log_.tell(collected.error().message);
            }
        }
    }
    if (all) {
        log_.stamp(clock_.now(), collected_stamp, {});
    }
}

void GarbageRounds::stop()
{
    stopping_ = true;
    timer_.cancel();
}

} // namespace squall::engine
