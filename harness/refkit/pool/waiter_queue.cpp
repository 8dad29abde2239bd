#include "refkit/pool/waiter_queue.hpp"

namespace squall::refkit {

WaiterId WaiterQueue::enter(const Waiter& waiter)
{
    const auto id = seats_.add({.waiter = waiter, .before = last_});
    (last_ == WaiterId{} ? first_ : seats_.at(last_).after) = id;
    last_ = id;
    by_deadline_.push_back(id);
    rise(by_deadline_.size() - 1);
    return id;
}

WaiterId WaiterQueue::enter_served(const Waiter& waiter, ConnectionId connection)
{
    Seat seat{.waiter = waiter};
    seat.waiter.given = connection;
    return seats_.add(seat);
}

WaiterId WaiterQueue::nobody()
{
    const auto id = seats_.add({});
    seats_.erase_slowly(id);
    return id;
}

const WaiterQueue::Waiter* WaiterQueue::find(WaiterId waiter) const
{
    const auto* seat = seats_.find(waiter);
    return seat == nullptr ? nullptr : &seat->waiter;
}

bool WaiterQueue::waits(WaiterId waiter) const
{
    const auto* found = find(waiter);
    return found != nullptr && !found->given;
}

void WaiterQueue::give(WaiterId waiter, ConnectionId connection)
{
    leave_queue(waiter);
    seats_.at(waiter).waiter.given = connection;
}

void WaiterQueue::erase(WaiterId waiter)
{
    if (waits(waiter)) {
        leave_queue(waiter);
    }
    seats_.erase_slowly(waiter);
}

void WaiterQueue::leave_queue(WaiterId waiter)
{
    const auto& seat = seats_.at(waiter);
    (seat.before == WaiterId{} ? first_ : seats_.at(seat.before).after) = seat.after;
    (seat.after == WaiterId{} ? last_ : seats_.at(seat.after).before) = seat.before;

    const auto hole = seat.heap_place;
    const auto moved = by_deadline_.back();
    by_deadline_.pop_back();
    if (hole < by_deadline_.size()) {
        put(hole, moved);
        rise(hole);
        sink(seats_.at(moved).heap_place);
    }
}

void WaiterQueue::put(std::size_t place, WaiterId waiter)
{
    by_deadline_[place] = waiter;
    seats_.at(waiter).heap_place = place;
}

void WaiterQueue::rise(std::size_t place)
{
    const auto waiter = by_deadline_[place];
    const auto urgency = seats_.at(waiter).waiter.deadline;
    while (place > 0 && urgency < deadline((place - 1) / 2)) {
        put(place, by_deadline_[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    put(place, waiter);
}

void WaiterQueue::sink(std::size_t place)
{
    const auto waiter = by_deadline_[place];
    const auto urgency = seats_.at(waiter).waiter.deadline;
    for (auto child = 2 * place + 1; child < by_deadline_.size(); child = 2 * place + 1) {
        if (child + 1 < by_deadline_.size() && deadline(child + 1) < deadline(child)) {
            ++child;
        }
        if (deadline(child) >= urgency) {
            break;
        }
        put(place, by_deadline_[child]);
        place = child;
    }
    put(place, waiter);
}

} // namespace squall::refkit
