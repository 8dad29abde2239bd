#include "target/redis.hpp"

#include "target/breakers.hpp"

#include <random>
#include <utility>

namespace squall::target {

Redis::Redis(const asio::any_io_executor& executor, const std::string& url, const scenario::TargetSettings& settings)
{
    if (!url.empty()) {
        pool_ = std::make_unique<refkit::RedisPool>(executor, refkit::RedisAdapter{url, "squall-target"},
                                                    settings.redis_pool, Random(std::random_device{}()));
        breaker_ = make_breaker("redis", settings.breaker.redis);
    }
}

Task<void> Redis::run()
{
    if (pool_) {
        co_await pool_->run();
    }
}

void Redis::cancel()
{
    if (pool_) {
        pool_->cancel();
    }
}

Task<Result<wire::RedisReply>> Redis::command(std::vector<std::string> words, Instant deadline)
{
    auto permit = ask(breaker_.get());
    if (!permit) {
        co_return fail("no connection to Redis: {}", permit.error().code().message());
    }
    auto acquired = co_await pool_->acquire(deadline);
    if (!acquired) {
        permit->settle(verdict_on(acquired.error()));
        co_return fail("no connection to Redis: {}", acquired.error().code.message());
    }
    auto loan = std::move(*acquired);
    auto reply = co_await loan->command(std::move(words), deadline);
    permit->settle(reply ? refkit::Verdict::success : refkit::Verdict::failure);
    co_return reply;
}

Task<bool> Redis::answers(Instant deadline)
{
    if (!wanted()) {
        co_return true;
    }
    std::vector<std::string> words(1, "PING");
    const auto reply = co_await command(std::move(words), deadline);
    co_return reply.has_value() && reply->type == wire::RedisReply::Type::status;
}

} // namespace squall::target
