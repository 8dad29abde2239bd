#include "target/database.hpp"
#include "target/handlers/handlers.hpp"
#include "target/service.hpp"

#include <utility>
#include <vector>

namespace squall::target {

Task<Response> handle_nested(Service& service, const Request& /*request*/)
{
    auto outer = co_await service.database.lease(Tier::read);
    if (!outer) {
        co_return outer.error();
    }
    const auto deadline = std::chrono::steady_clock::now() + query_timeout;
    std::vector<std::string> no_parameters;
    const auto count = co_await outer->query("SELECT count(*) FROM users", std::move(no_parameters), deadline);
    if (!count) {
        co_return database_refusal(count.error());
    }
    // The outer one is still held: what a function does that is given no connection and takes one of its own.
    auto inner = co_await service.database.lease(Tier::read);
    if (!inner) {
        co_return inner.error();
    }
    std::vector<std::string> none;
    const auto rows = co_await inner->query("SELECT 1", std::move(none), deadline);
    if (!rows) {
        co_return database_refusal(rows.error());
    }
    boost::json::object body;
    body["connections"] = 2;
    co_return json_response(http::status::ok, body);
}

} // namespace squall::target
