#include "target/handlers/handlers.hpp"
#include "target/pool_class.hpp"
#include "target/service.hpp"

namespace squall::target {

Task<Response> handle_health_database(Service& service, const Request& /*request*/)
{
    const auto stats = service.database.total();
    const auto share = utilisation(stats);
    boost::json::object body;
    body["utilisation"] = share;
    body["class"] = utilisation_class(share);
    body["acquired"] = stats.acquired;
    body["max"] = stats.max;
    body["waiters"] = stats.waiters;
    co_return json_response(http::status::ok, body);
}

} // namespace squall::target
