#include "engine/performer.hpp"

#include "engine/http_performer.hpp"
#include "engine/postgres_performer.hpp"
#include "engine/redis_performer.hpp"
#include "engine/rpc_performer.hpp"
#include "engine/websocket_performer.hpp"

namespace squall::engine {
namespace {

std::unique_ptr<Performer> make(const plan::HttpAction& /*kind*/, const UserParts& user)
{
    return std::make_unique<HttpPerformer>(user);
}

std::unique_ptr<Performer> make(const plan::WebSocketAction& /*kind*/, const UserParts& user)
{
    return std::make_unique<WebSocketPerformer>(user);
}

std::unique_ptr<Performer> make(const plan::PostgresAction& /*kind*/, const UserParts& user)
{
    return std::make_unique<PostgresPerformer>(user);
}

std::unique_ptr<Performer> make(const plan::RedisAction& /*kind*/, const UserParts& user)
{
    return std::make_unique<RedisPerformer>(user);
}

std::unique_ptr<Performer> make(const plan::RpcAction& /*kind*/, const UserParts& user)
{
    return std::make_unique<RpcPerformer>(user);
}

} // namespace

std::unique_ptr<Performer> make_performer(const plan::Step& step, const UserParts& user)
{
    return std::visit([&user](const auto& action) { return make(action, user); }, step.action);
}

} // namespace squall::engine
