// Redis steps of one user: its connection, and its rendered commands where they vary.
#pragma once

#include "drivers/redis_pool.hpp"
#include "engine/performer.hpp"

#include <memory>
#include <string>
#include <vector>

namespace squall::engine {

class RedisPerformer final : public Performer {
public:
    explicit RedisPerformer(const UserParts& user);

    wire::Flow<> perform(const plan::Step& step, StepTimes times, StepResult& result) override;
    void close() override;

private:
    /// What a user keeps for one step.
    struct Message {
        std::string server_text;
        drivers::RedisServer server;
        std::vector<std::string> words;
        std::vector<std::string_view> views;
        std::string bytes;
    };

    Message& message_of(const plan::Step& step);
    /// An empty text means that the server may be spoken to.
    std::string aim(const plan::RedisAction& action, Message& message);
    void render(const plan::RedisAction& action, Message& message);
    wire::Flow<drivers::RedisLink*> link_for(const plan::Step& step, Instant deadline);
    void put_back(const plan::Step& step, drivers::RedisLink* link);
    void judge(const plan::Step& step, drivers::RedisExchange& exchange, StepResult& result);

    const UserParts& user_;
    drivers::RedisLink own_;
    drivers::RedisLink brief_; // of one call, or of one subscription
    drivers::RedisLink* borrowed_ = nullptr;
    drivers::RedisPool::Turn turn_;
    std::vector<std::unique_ptr<Message>> messages_; // by step id
};

} // namespace squall::engine
