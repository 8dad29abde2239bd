#include "target/redis_health.hpp"

#include <utility>

namespace squall::target {
namespace {

class Busy {
public:
    explicit Busy(bool& flag) : flag_(flag) { flag_ = true; }
    ~Busy() { flag_ = false; }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;

private:
    bool& flag_;
};

} // namespace

RedisHealth::RedisHealth(asio::any_io_executor executor, std::string url)
    : connection_(std::move(executor)),
      url_(std::move(url))
{}

Task<bool> RedisHealth::check(Instant deadline)
{
    if (!wanted()) {
        co_return true;
    }
    if (busy_) {
        co_return last_answer_;
    }
    const Busy busy(busy_);
    const bool answered = co_await ping(deadline);
    last_answer_ = answered;
    co_return answered;
}

Task<bool> RedisHealth::ping(Instant deadline)
{
    if (!connection_.is_open()) {
        const auto connected = co_await connection_.connect(url_, "squall-target", deadline);
        if (!connected) {
            co_return false;
        }
    }
    std::vector<std::string> words(1, "PING");
    const auto reply = co_await connection_.command(std::move(words), deadline);
    co_return reply.has_value() && reply->type == wire::RedisReply::Type::status;
}

} // namespace squall::target
