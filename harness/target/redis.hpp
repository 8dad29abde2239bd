// Redis as handlers see it: the pool, and the breaker before it.
#pragma once

#include "refkit/breaker/circuit_breaker.hpp"
#include "refkit/pool/redis_adapter.hpp"
#include "scenario/target_settings.hpp"

#include <memory>
#include <string>
#include <vector>

namespace squall::target {

/// One thread.
class Redis {
public:
    /// `url` may be empty: no Redis is wanted.
    Redis(const asio::any_io_executor& executor, const std::string& url, const scenario::TargetSettings& settings);

    [[nodiscard]] bool wanted() const { return pool_ != nullptr; }
    /// Opens the pool; returns when that has ended. At once where none is wanted.
    Task<void> run();
    void cancel();

    /// Only where it is wanted. An answer of Redis that is an error is an answer.
    Task<Result<wire::RedisReply>> command(std::vector<std::string> words, Instant deadline);
    /// Whether it answers a PING; true also where none is wanted.
    Task<bool> answers(Instant deadline);

    /// Null: there is none.
    [[nodiscard]] const refkit::RedisPool* pool() const { return pool_.get(); }
    [[nodiscard]] const refkit::CircuitBreaker* breaker() const { return breaker_.get(); }

private:
    std::unique_ptr<refkit::RedisPool> pool_;
    std::unique_ptr<refkit::CircuitBreaker> breaker_;
};

} // namespace squall::target
