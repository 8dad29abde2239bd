// Whether Redis answers: one connection, kept, asked by readiness.
#pragma once

#include "wire/redis_connection.hpp"

#include <string>

namespace squall::target {

/// One thread; checks that overlap share the running one's predecessor's answer.
class RedisHealth {
public:
    /// `url` may be empty: no Redis is wanted.
    RedisHealth(asio::any_io_executor executor, std::string url);

    [[nodiscard]] bool wanted() const { return !url_.empty(); }
    /// PING, connecting first where needed. True also when none is wanted.
    Task<bool> check(Instant deadline);

private:
    Task<bool> ping(Instant deadline);

    wire::RedisConnection connection_;
    std::string url_;
    bool busy_ = false;
    bool last_answer_ = false;
};

} // namespace squall::target
