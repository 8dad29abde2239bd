#include "target/database.hpp"
#include "target/handlers/handlers.hpp"
#include "target/service.hpp"

#include <utility>
#include <vector>

namespace squall::target {
namespace {

constexpr Duration patience = std::chrono::seconds(2);

Response not_ready(std::string_view part)
{
    boost::json::object body;
    body["status"] = "not ready";
    body["error"] = part;
    return json_response(http::status::service_unavailable, body);
}

} // namespace

Task<Response> handle_health_ready(Service& service, const Request& /*request*/)
{
    const auto deadline = std::chrono::steady_clock::now() + patience;
    auto connection = co_await service.database.lease(Tier::main, deadline);
    if (!connection) {
        co_return connection.error();
    }
    std::vector<std::string> no_parameters;
    const auto answer = co_await connection->query("SELECT 1", std::move(no_parameters), deadline);
    connection->give_back();
    if (!answer) {
        co_return database_refusal(answer.error());
    }
    const bool redis = co_await service.redis.answers(deadline);
    if (!redis) {
        co_return not_ready("redis_unavailable");
    }
    boost::json::object body;
    body["status"] = "ready";
    co_return json_response(http::status::ok, body);
}

} // namespace squall::target
