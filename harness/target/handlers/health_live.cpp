#include "target/handlers/handlers.hpp"

namespace squall::target {

Task<Response> handle_health_live(Service& /*service*/, const Request& /*request*/)
{
    boost::json::object body;
    body["status"] = "live";
    co_return json_response(http::status::ok, body);
}

} // namespace squall::target
