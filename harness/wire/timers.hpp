// The timers of one thread: a wheel with a tick of a millisecond, driven by one timer of Asio's.
#pragma once

#include "base/time.hpp"
#include "wire/timer_wheel.hpp"
#include "wire/wake_list.hpp"

namespace squall::wire {

/// Something that is to happen at a time.
class TimedAction : public WheelEntry {
public:
    virtual ~TimedAction() = default;
    virtual void on_time() = 0;
};

/// One a thread; goes when its io_context runs no more. That runs out of work when no timer runs. Never early, and late
/// by at most a tick and what the thread is late: for think times and deadlines; arrivals keep a timer of their own.
class Timers {
public:
    static constexpr Duration tick = std::chrono::milliseconds(1);

    Timers(asio::any_io_executor executor, WakeList& wakes, const Clock& clock);

    /// In place of when it was to happen before. Neither allocates nor calls the system, but for the next to come.
    void set(TimedAction& action, Instant at);
    void cancel(TimedAction& action);

private:
    friend class Pause;
    void arm();
    void run();
    [[nodiscard]] TimerWheel::Tick tick_at(Instant at) const;

    WakeList& wakes_;
    const Clock& clock_;
    asio::steady_timer timer_;
    Instant origin_;
    TimerWheel wheel_;
    TimerWheel::Tick armed_for_ = 0;
    std::uint64_t generation_ = 0; // of the wait that counts
    bool armed_ = false;
};

/// What one flow sleeps on, again and again.
class Pause final : private TimedAction, private Waiter {
public:
    explicit Pause(Timers& timers) : timers_(timers) {}

    /// `co_await pause.until(at)` goes on when the time has come or soon after cancel().
    auto until(Instant at)
    {
        struct Sleep {
            Pause& pause;
            Instant at;
            [[nodiscard]] bool await_ready() const noexcept { return false; }
            void await_suspend(std::coroutine_handle<> waiting)
            {
                pause.flow = waiting;
                pause.timers_.set(pause, at);
            }
            void await_resume() const noexcept {}
        };
        return Sleep{*this, at};
    }
    void cancel();

private:
    void on_time() override { flow.resume(); }

    Timers& timers_;
};

} // namespace squall::wire
