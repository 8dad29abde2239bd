// Connections that the users of a thread share.
#pragma once

#include "wire/flow.hpp"
#include "wire/timers.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

namespace squall::drivers {

/// At most `size` connections, opened when they are first used; who finds none free waits in turn, first come first
/// served. Single-threaded; outlives whom it gave a connection. `Connection` is made of a `Context&` and has close().
template <typename Connection, typename Context>
class ConnectionPool {
public:
    ConnectionPool(Context& context, std::size_t size) : context_(context), size_(size) {}

    /// One that waits for a connection.
    struct Turn {
        explicit Turn(wire::Timers& timers) : pause(timers) {}
        wire::Pause pause;
        Connection* connection = nullptr;
        bool given_up = false;
    };

    /// Null when the deadline passed first, or the turn was given up.
    wire::Flow<Connection*> acquire(Turn& turn, Instant deadline)
    {
        turn.connection = nullptr;
        turn.given_up = false;
        if (!free_.empty()) {
            turn.connection = free_.back();
            free_.pop_back();
        } else if (connections_.size() < size_) {
            turn.connection = connections_.emplace_back(std::make_unique<Connection>(context_)).get();
        } else {
            waiting_.push_back(&turn);
            co_await turn.pause.until(deadline);
            std::erase(waiting_, &turn); // where nobody gave it a connection
        }
        if (turn.given_up && turn.connection != nullptr) {
            release(std::exchange(turn.connection, nullptr));
        }
        co_return turn.connection;
    }

    void release(Connection* connection)
    {
        if (waiting_.empty()) {
            free_.push_back(connection);
            return;
        }
        Turn* next = waiting_.front();
        waiting_.pop_front();
        next->connection = connection;
        next->pause.cancel();
    }

    /// Ends a wait under way.
    static void give_up(Turn& turn)
    {
        turn.given_up = true;
        turn.pause.cancel();
    }

    void close()
    {
        for (auto& connection : connections_) {
            connection->close();
        }
    }

private:
    Context& context_;
    std::size_t size_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::vector<Connection*> free_;
    std::deque<Turn*> waiting_;
};

} // namespace squall::drivers
