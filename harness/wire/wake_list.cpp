#include "wire/wake_list.hpp"

namespace squall::wire {

void resume_all(Waiters& waiters)
{
    while (!waiters.empty()) {
        Waiter& next = waiters.front();
        waiters.pop_front();
        next.flow.resume();
    }
}

void WakeList::wake(Waiter& waiter)
{
    waiting_.push_back(waiter);
    if (!posted_) {
        posted_ = true;
        asio::post(executor_, [this] { run(); });
    }
}

void WakeList::run()
{
    posted_ = false;
    // What is woken meanwhile waits for the next turn: nobody can keep the others from theirs.
    Waiters now;
    now.swap(waiting_);
    resume_all(now);
}

} // namespace squall::wire
