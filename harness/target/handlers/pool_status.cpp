#include "target/handlers/handlers.hpp"
#include "target/pool_class.hpp"
#include "target/service.hpp"

namespace squall::target {
namespace {

void add_pool(boost::json::object& body, const refkit::PoolStats& stats)
{
    body["max"] = stats.max;
    body["total"] = stats.total;
    body["idle"] = stats.idle;
    body["acquired"] = stats.acquired;
    body["constructing"] = stats.constructing;
    body["validating"] = stats.validating;
    body["resetting"] = stats.resetting;
    body["closing"] = stats.closing;
    body["waiters"] = stats.waiters;
    body["acquire_count"] = stats.acquire_count;
    body["acquire_duration_seconds"] = to_seconds(stats.acquire_duration);
    body["empty_acquire_count"] = stats.empty_acquire_count;
    body["canceled_acquire_count"] = stats.canceled_acquire_count;
    body["timeouts"] = stats.timeouts;
    body["rejected"] = stats.rejected;
    body["dials"] = stats.dials;
    body["failed_dials"] = stats.failed_dials;
    body["failed_validations"] = stats.failed_validations;
    body["idle_closed"] = stats.idle_closed;
    body["utilisation"] = utilisation(stats);
}

boost::json::object direct_to_json(const DirectConnections& direct)
{
    std::uint64_t opened = 0;
    std::uint64_t open = 0;
    boost::json::object sites;
    for (const auto& [site, count] : direct.by_site()) {
        boost::json::object entry;
        entry["opened"] = count->opened;
        entry["open"] = count->open;
        sites[site] = std::move(entry);
        opened += count->opened;
        open += count->open;
    }
    boost::json::object body;
    body["opened"] = opened;
    body["open"] = open;
    body["sites"] = std::move(sites);
    return body;
}

} // namespace

Task<Response> handle_pool_status(Service& service, const Request& /*request*/)
{
    boost::json::object body;
    add_pool(body, service.pool.stats());
    body["direct"] = direct_to_json(service.direct);
    co_return json_response(http::status::ok, body);
}

} // namespace squall::target
