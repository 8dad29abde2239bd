// Connections to Redis that the users of a thread share.
#pragma once

#include "drivers/redis_link.hpp"

#include <deque>
#include <memory>
#include <vector>

namespace squall::drivers {

/// At most `size` links; who finds none free waits in turn. Single-threaded; outlives whom it gave a link.
class RedisPool {
public:
    RedisPool(RedisContext& context, std::size_t size) : context_(context), size_(size) {}

    /// One that waits for a link.
    struct Turn {
        explicit Turn(wire::Timers& timers) : pause(timers) {}
        wire::Pause pause;
        RedisLink* link = nullptr;
        bool given_up = false;
    };

    /// Null when the deadline passed first, or the turn was given up.
    wire::Flow<RedisLink*> acquire(Turn& turn, Instant deadline);
    void release(RedisLink* link);
    /// Ends a wait under way.
    static void give_up(Turn& turn);

    void close();

private:
    RedisContext& context_;
    std::size_t size_;
    std::vector<std::unique_ptr<RedisLink>> links_;
    std::vector<RedisLink*> free_;
    std::deque<Turn*> waiting_;
};

} // namespace squall::drivers
