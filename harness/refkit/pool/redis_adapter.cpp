#include "refkit/pool/redis_adapter.hpp"

#include "wire/redis_address.hpp"

#include <iterator>
#include <sstream>
#include <utility>
#include <vector>

namespace squall::refkit {

template class PoolCore<RedisAdapter, asio::steady_timer>;
template class ConnectionPool<RedisAdapter>;

namespace {

Task<bool> taken(RedisSession& connection, std::vector<std::string> words, Instant deadline)
{
    const auto reply = co_await connection.command(std::move(words), deadline);
    co_return reply.has_value() && reply->type != wire::RedisReply::Type::error;
}

Task<bool> starts_anew(RedisSession& connection, std::string url, std::string name, Instant deadline)
{
    std::vector<std::string> to_reset(1, "RESET");
    bool good = co_await taken(connection, std::move(to_reset), deadline);
    const auto address = wire::parse_redis_url(url);
    std::vector<std::vector<std::string>> greeting;
    if (address) {
        greeting = address->greeting(name);
    }
    for (std::size_t line = 0; good && line < greeting.size(); ++line) {
        good = co_await taken(connection, greeting[line], deadline);
    }
    connection.forget_leftover();
    co_return good;
}

} // namespace

void RedisAdapter::configure(const PoolParams& params)
{
    reset_on_return = params.reset_on_return;
    std::istringstream lines(params.custom_reset);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream text(line);
        std::vector<std::string> words{std::istream_iterator<std::string>(text), {}};
        if (!words.empty()) {
            custom_reset.push_back(std::move(words));
        }
    }
}

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
    bool good = connection.is_open();
    if (good && (connection.leftover().state() || reset_on_return == ResetOnReturn::discard_all)) {
        good = co_await starts_anew(connection, url, name, deadline);
    }
    for (std::size_t line = 0; good && line < custom_reset.size(); ++line) {
        good = co_await taken(connection, custom_reset[line], deadline);
    }
    connection.forget_leftover();
    co_return good;
}

ReturnedAs RedisAdapter::condition(const Connection& connection) const
{
    if (!connection.is_open() || connection.leftover().stream()) {
        return ReturnedAs::broken;
    }
    return connection.leftover().state() ? ReturnedAs::dirty : ReturnedAs::clean;
}

} // namespace squall::refkit
