// Who waits for a connection, in the order of their coming, and whose deadline is next.
#pragma once

#include "base/time.hpp"
#include "refkit/pool/slot_table.hpp"

#include <optional>
#include <source_location>
#include <vector>

namespace squall::refkit {

enum class ConnectionId : std::uint64_t {};
enum class WaiterId : std::uint64_t {};

/// Pure; allocates nothing once it has been as long before. Those who were given a connection stay known until they
/// are erased, but wait no more.
class WaiterQueue {
public:
    struct Waiter {
        Instant since{};
        Instant deadline{};
        bool waited = false; // was not served at once
        std::source_location where{};
        std::optional<ConnectionId> given{};
    };

    /// To the end of the queue.
    WaiterId enter(const Waiter& waiter);
    /// Served before it could wait.
    WaiterId enter_served(const Waiter& waiter, ConnectionId connection);
    /// An id that is nobody's.
    WaiterId nobody();
    /// Null when it is unknown.
    [[nodiscard]] const Waiter* find(WaiterId waiter) const;
    [[nodiscard]] bool waits(WaiterId waiter) const;
    void set_waited(WaiterId waiter) { seats_.at(waiter).waiter.waited = true; }
    void give(WaiterId waiter, ConnectionId connection);
    void erase(WaiterId waiter);
    /// Whoever was erased before the last call of this may have been told so: their places are free.
    void recycle() { seats_.recycle(); }

    /// Of those who wait.
    [[nodiscard]] std::size_t size() const { return by_deadline_.size(); }
    [[nodiscard]] bool empty() const { return by_deadline_.empty(); }
    [[nodiscard]] WaiterId first() const { return first_; }
    [[nodiscard]] WaiterId last() const { return last_; }
    /// Not empty.
    [[nodiscard]] WaiterId most_urgent() const { return by_deadline_.front(); }
    [[nodiscard]] Instant next_deadline() const { return deadline(0); }

private:
    struct Seat {
        Waiter waiter{};
        WaiterId before{};
        WaiterId after{};
        std::size_t heap_place = 0;
    };
    void leave_queue(WaiterId waiter);
    [[nodiscard]] Instant deadline(std::size_t place) const { return seats_.at(by_deadline_[place]).waiter.deadline; }
    void put(std::size_t place, WaiterId waiter);
    void rise(std::size_t place);
    void sink(std::size_t place);

    SlotTable<WaiterId, Seat> seats_;
    WaiterId first_{};
    WaiterId last_{};
    std::vector<WaiterId> by_deadline_; // a binary heap, the earliest in front
};

} // namespace squall::refkit
