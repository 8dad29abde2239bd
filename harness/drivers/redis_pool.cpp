#include "drivers/redis_pool.hpp"

#include <algorithm>

namespace squall::drivers {

wire::Flow<RedisLink*> RedisPool::acquire(Turn& turn, Instant deadline)
{
    turn.link = nullptr;
    turn.given_up = false;
    if (!free_.empty()) {
        turn.link = free_.back();
        free_.pop_back();
    } else if (links_.size() < size_) {
        turn.link = links_.emplace_back(std::make_unique<RedisLink>(context_)).get();
    } else {
        waiting_.push_back(&turn);
        co_await turn.pause.until(deadline);
        std::erase(waiting_, &turn); // where nobody gave it a link
    }
    if (turn.given_up && turn.link != nullptr) {
        release(std::exchange(turn.link, nullptr));
    }
    co_return turn.link;
}

void RedisPool::release(RedisLink* link)
{
    if (waiting_.empty()) {
        free_.push_back(link);
        return;
    }
    Turn* next = waiting_.front();
    waiting_.pop_front();
    next->link = link;
    next->pause.cancel();
}

void RedisPool::give_up(Turn& turn)
{
    turn.given_up = true;
    turn.pause.cancel();
}

void RedisPool::close()
{
    for (auto& link : links_) {
        link->close();
    }
}

} // namespace squall::drivers
