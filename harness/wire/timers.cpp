#include "wire/timers.hpp"

#include <algorithm>

namespace squall::wire {

Timers::Timers(asio::any_io_executor executor, WakeList& wakes, const Clock& clock)
    : wakes_(wakes),
      clock_(clock),
      timer_(std::move(executor)),
      origin_(clock.now())
{}

TimerWheel::Tick Timers::tick_at(Instant at) const
{
    // Rounded up, so that nothing is early.
    const auto since = at - origin_;
    return since <= Duration::zero() ? 0 : static_cast<TimerWheel::Tick>((since + tick - Duration(1)) / tick);
}

void Timers::set(TimedAction& action, Instant at)
{
    wheel_.remove(action);
    wheel_.add(action, tick_at(at));
    arm();
}

void Timers::cancel(TimedAction& action)
{
    wheel_.remove(action);
    if (wheel_.empty() && armed_) {
        armed_ = false;
        ++generation_;
        timer_.cancel(); // otherwise the io_context would never run out of work
    }
}

void Timers::arm()
{
    const auto next = wheel_.next();
    if (!next || (armed_ && armed_for_ <= *next)) {
        return;
    }
    armed_ = true;
    armed_for_ = *next;
    timer_.expires_at(origin_ + static_cast<Duration::rep>(*next) * tick); // which ends the wait for a later one
    timer_.async_wait([this, generation = ++generation_](error_code error) {
        if (!error && generation == generation_) {
            armed_ = false;
            run();
        }
    });
}

void Timers::run()
{
    const auto passed = static_cast<TimerWheel::Tick>((clock_.now() - origin_) / tick);
    WheelEntries due;
    wheel_.advance(std::max(passed, wheel_.now()), due);
    while (!due.empty()) {
        auto& action = static_cast<TimedAction&>(due.front());
        due.pop_front();
        action.on_time();
    }
    arm();
}

void Pause::cancel()
{
    if (WheelEntry::is_running()) {
        timers_.cancel(*this);
        timers_.wakes_.wake(*this);
    }
}

} // namespace squall::wire
