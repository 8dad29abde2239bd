// Flows that shall go on soon: in a turn of the event loop of their own, never inside the call that woke them.
#pragma once

#include "wire/task.hpp"

#include <boost/intrusive/list.hpp>

#include <coroutine>

namespace squall::wire {

/// A place in a list of flows to be resumed. Destroying it takes it off whatever list it is on.
class Waiter : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    std::coroutine_handle<> flow;
};
using Waiters = boost::intrusive::list<Waiter, boost::intrusive::constant_time_size<false>>;

/// Resumes every waiter of the list, also those that are taken off meanwhile by what runs (they are not resumed).
void resume_all(Waiters& waiters);

/// One a thread. Allocates nothing in the steady state.
class WakeList {
public:
    explicit WakeList(asio::any_io_executor executor) : executor_(std::move(executor)) {}

    /// `waiter.flow` goes on soon, unless the waiter is destroyed before.
    void wake(Waiter& waiter);

    /// `co_await wakes.turn()`: lets everything else go on first.
    auto turn()
    {
        struct Turn : Waiter {
            WakeList* list = nullptr;
            [[nodiscard]] bool await_ready() const noexcept { return false; }
            void await_suspend(std::coroutine_handle<> waiting)
            {
                flow = waiting;
                list->wake(*this);
            }
            void await_resume() const noexcept {}
        };
        Turn next;
        next.list = this;
        return next;
    }

private:
    void run();

    asio::any_io_executor executor_;
    Waiters waiting_;
    bool posted_ = false;
};

} // namespace squall::wire
