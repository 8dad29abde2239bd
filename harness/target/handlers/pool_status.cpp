#include "target/handlers/handlers.hpp"
#include "target/kit_statistics.hpp"
#include "target/pool_class.hpp"
#include "target/service.hpp"

namespace squall::target {
namespace {

boost::json::object pool_to_json(const refkit::PoolStats& stats)
{
    auto body = to_json(statistics_of(stats));
    body["utilisation"] = utilisation(stats);
    return body;
}

boost::json::object tiers_to_json(const DatabasePools& database)
{
    boost::json::object tiers;
    for (const auto& [tier, stats] : database.stats()) {
        tiers[tier] = pool_to_json(stats);
    }
    return tiers;
}

boost::json::object breaker_to_json(const refkit::CircuitBreaker& breaker)
{
    const auto stats = breaker.stats();
    boost::json::object body;
    body["state"] = to_string(stats.phase);
    add_to(body, statistics_of(stats));
    return body;
}

/// Those that there are.
boost::json::object guards_to_json(const Service& service)
{
    boost::json::object guards;
    if (const auto* breaker = service.database.breaker()) {
        guards["postgres_breaker"] = breaker_to_json(*breaker);
    }
    if (const auto* breaker = service.redis.breaker()) {
        guards["redis_breaker"] = breaker_to_json(*breaker);
    }
    if (const auto* shedder = service.gate.shedder()) {
        guards["shedder"] = to_json(statistics_of(shedder->stats()));
    }
    if (const auto* limit = service.gate.rate_limit()) {
        guards["rate_limit"] = to_json(statistics_of(limit->stats()));
    }
    if (const auto* limit = service.gate.concurrency_limit()) {
        guards["concurrency_limit"] = to_json(statistics_of(limit->stats()));
    }
    return guards;
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
    auto body = pool_to_json(service.database.total());
    body["tiers"] = tiers_to_json(service.database);
    if (const auto* pool = service.redis.pool()) {
        body["redis_pool"] = pool_to_json(pool->stats());
    }
    body["guards"] = guards_to_json(service);
    if (service.near_cache.wanted()) {
        body["cache"] = to_json(statistics_of(service.near_cache.stats()));
    }
    body["direct"] = direct_to_json(service.direct);
    co_return json_response(http::status::ok, body);
}

} // namespace squall::target
