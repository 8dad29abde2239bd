#include "target/handlers/handlers.hpp"
#include "target/process_usage.hpp"

namespace squall::target {

Task<Response> handle_health_memory(Service& /*service*/, const Request& /*request*/)
{
    const auto usage = read_process_usage();
    boost::json::object body;
    body["rss_bytes"] = usage.resident.bytes;
    body["vms_bytes"] = usage.virtual_memory.bytes;
    co_return json_response(http::status::ok, body);
}

} // namespace squall::target
