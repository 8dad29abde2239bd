// Who waits, in the order of their coming, and whose deadline is next.
#pragma once

#include "base/time.hpp"
#include "refkit/slot_table.hpp"

#include <cstddef>
#include <vector>

namespace squall::refkit {

/// Pure; allocates nothing once it has been as long before. A `Waiter` has a member `deadline`; it stays known until it
/// is erased, also when it was served and waits no more. `Id` as in slot_table.hpp.
template <typename Id, typename Waiter>
class DeadlineQueue {
public:
    /// To the end of the queue.
    Id enter(const Waiter& waiter)
    {
        const auto id = seats_.add({.waiter = waiter, .before = last_, .waits = true});
        (last_ == Id{} ? first_ : seats_.at(last_).after) = id;
        last_ = id;
        by_deadline_.push_back({waiter.deadline, id});
        rise(by_deadline_.size() - 1);
        return id;
    }
    /// Served before it could wait.
    Id enter_served(const Waiter& waiter) { return seats_.add({.waiter = waiter}); }
    /// An id that is nobody's.
    Id nobody()
    {
        const auto id = seats_.add({});
        seats_.erase_slowly(id);
        return id;
    }
    /// Null when it is unknown. Good until the next one enters.
    [[nodiscard]] const Waiter* find(Id id) const
    {
        const auto* seat = seats_.find(id);
        return seat == nullptr ? nullptr : &seat->waiter;
    }
    [[nodiscard]] Waiter& at(Id id) { return seats_.at(id).waiter; }
    [[nodiscard]] bool waits(Id id) const
    {
        const auto* seat = seats_.find(id);
        return seat != nullptr && seat->waits;
    }
    /// One that waits does so no longer.
    Waiter& serve(Id id)
    {
        leave_queue(id);
        return at(id);
    }
    /// One that is known.
    void erase(Id id)
    {
        if (waits(id)) {
            leave_queue(id);
        }
        seats_.erase_slowly(id);
    }
    /// Whoever was erased before the last call of this may have been told so: their places are free.
    void recycle() { seats_.recycle(); }

    /// Of those who wait.
    [[nodiscard]] std::size_t size() const { return by_deadline_.size(); }
    [[nodiscard]] bool empty() const { return by_deadline_.empty(); }
    [[nodiscard]] Id first() const { return first_; }
    [[nodiscard]] Id last() const { return last_; }
    /// Not empty.
    [[nodiscard]] Id most_urgent() const { return by_deadline_.front().id; }
    [[nodiscard]] Instant next_deadline() const { return by_deadline_.front().deadline; }

private:
    struct Seat {
        Waiter waiter{};
        Id before{};
        Id after{};
        std::size_t heap_place = 0;
        bool waits = false;
    };
    struct Due {
        Instant deadline;
        Id id;
    };

    void leave_queue(Id id)
    {
        auto& seat = seats_.at(id);
        seat.waits = false;
        (seat.before == Id{} ? first_ : seats_.at(seat.before).after) = seat.after;
        (seat.after == Id{} ? last_ : seats_.at(seat.after).before) = seat.before;

        const auto hole = seat.heap_place;
        const auto moved = by_deadline_.back();
        by_deadline_.pop_back();
        if (hole < by_deadline_.size()) {
            by_deadline_[hole] = moved;
            if (rise(hole) == hole) {
                sink(hole);
            }
        }
    }
    void put(std::size_t place, Due due)
    {
        by_deadline_[place] = due;
        seats_.at(due.id).heap_place = place;
    }
    /// Gives the place where it ends.
    std::size_t rise(std::size_t place)
    {
        const auto due = by_deadline_[place];
        while (place > 0 && due.deadline < by_deadline_[(place - 1) / 2].deadline) {
            put(place, by_deadline_[(place - 1) / 2]);
            place = (place - 1) / 2;
        }
        put(place, due);
        return place;
    }
    void sink(std::size_t place)
    {
        const auto due = by_deadline_[place];
        for (auto child = 2 * place + 1; child < by_deadline_.size(); child = 2 * place + 1) {
            if (child + 1 < by_deadline_.size() && by_deadline_[child + 1].deadline < by_deadline_[child].deadline) {
                ++child;
            }
            if (by_deadline_[child].deadline >= due.deadline) {
                break;
            }
            put(place, by_deadline_[child]);
            place = child;
        }
        put(place, due);
    }

    SlotTable<Id, Seat> seats_;
    Id first_{};
    Id last_{};
    std::vector<Due> by_deadline_; // a binary heap, the earliest in front
};

} // namespace squall::refkit
