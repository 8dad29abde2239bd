// What the Redis steps of one engine thread share.
#pragma once

#include "drivers/http_client.hpp"
#include "drivers/redis_pool.hpp"
#include "plan/plan.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace squall::engine {

/// Belongs to the shard's thread, and goes when no user runs any more.
class RedisShard {
public:
    explicit RedisShard(drivers::HttpContext& http) : context_(http.events, http.clock, http.tls) {}

    [[nodiscard]] drivers::RedisContext& context() { return context_; }
    /// The bytes of a step whose commands are the same each time: written when they are first asked for.
    [[nodiscard]] std::string_view fixed(const plan::Step& step);
    /// The connections that the step's users share.
    [[nodiscard]] drivers::RedisPool& pool(const plan::Step& step);
    /// Between phases, when no user uses one: closes the shared connections, whose timers would keep the thread.
    void close();

private:
    drivers::RedisContext context_;
    std::vector<std::string> fixed_; // by step id
    std::map<std::uint32_t, drivers::RedisPool> pools_;
};

/// Replaces `out` by the bytes of a step whose commands are constant.
void write_fixed(const plan::RedisAction& action, std::string& out);

} // namespace squall::engine
