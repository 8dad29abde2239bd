#include "refkit/pool/redis_adapter.hpp"

#include <utility>
#include <vector>

namespace squall::refkit {

template class PoolCore<RedisAdapter, asio::steady_timer>;
template class ConnectionPool<RedisAdapter>;

Task<Result<void>> RedisAdapter::dial(Connection& connection, Instant deadline) const
{
    const auto dialed = co_await connection.connect(url, name, deadline);
    co_return dialed;
}

Task<bool> RedisAdapter::validate(Connection& connection, Instant deadline) const
{
    std::vector<std::string> words(1, "PING");
    const auto reply = co_await connection.command(std::move(words), deadline);
    co_return reply.has_value() && reply->type == wire::RedisReply::Type::status;
}

Task<bool> RedisAdapter::reset(Connection& connection, Instant deadline) const
{
    return validate(connection, deadline);
}

ReturnedAs RedisAdapter::condition(const Connection& connection) const
{
    return connection.is_open() ? ReturnedAs::clean : ReturnedAs::broken;
}

} // namespace squall::refkit
