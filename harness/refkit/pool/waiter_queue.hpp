// Who waits for a connection, and who was given one and has not collected it yet.
#pragma once

#include "refkit/deadline_queue.hpp"

#include <cstdint>
#include <optional>
#include <source_location>

namespace squall::refkit {

enum class ConnectionId : std::uint64_t {};
enum class WaiterId : std::uint64_t {};

struct WaiterForConnection {
    Instant since{};
    Instant deadline{};
    bool waited = false; // was not served at once
    std::source_location where{};
    std::optional<ConnectionId> given{};
};

class WaiterQueue : public DeadlineQueue<WaiterId, WaiterForConnection> {
public:
    /// Served before it could wait.
    WaiterId enter_served(WaiterForConnection waiter, ConnectionId connection)
    {
        waiter.given = connection;
        return DeadlineQueue::enter_served(waiter);
    }
    void set_waited(WaiterId waiter) { at(waiter).waited = true; }
    void give(WaiterId waiter, ConnectionId connection) { serve(waiter).given = connection; }
};

} // namespace squall::refkit
