// The bug: the cache helper was copied from a script that opens a connection, asks and exits. The service does not
// exit.
#include "target/defects/registry.hpp"
#include "target/service.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace squall::target {
namespace {

constexpr Duration call_timeout = std::chrono::seconds(2);

/// Holds every connection that was ever opened: nobody closes them.
using Opened = std::vector<std::unique_ptr<wire::RedisConnection>>;

Task<Result<wire::RedisReply>> command_alone(Service& service, std::shared_ptr<Opened> opened,
                                             std::vector<std::string> words)
{
    auto executor = co_await asio::this_coro::executor;
    auto& connection = *opened->emplace_back(std::make_unique<wire::RedisConnection>(executor));
    const auto deadline = std::chrono::steady_clock::now() + call_timeout;
    const auto connected = co_await connection.connect(service.options.redis, "squall-target", deadline);
    if (!connected) {
        co_return connected.error();
    }
    auto reply = co_await connection.command(std::move(words), deadline);
    co_return reply;
}

} // namespace

void install_redis_connection_per_call(Service& service)
{
    service.cache.command = [opened = std::make_shared<Opened>()](Service& at, std::vector<std::string> words) {
        return command_alone(at, opened, std::move(words));
    };
}

} // namespace squall::target
