#include "target/service.hpp"

#include "target/database.hpp"

#include <random>
#include <utility>

namespace squall::target {
namespace {

refkit::PoolParams pool_params(const PoolOptions& options)
{
    refkit::PoolParams params;
    params.min_idle = options.min;
    params.max = options.max;
    params.acquire_timeout = options.acquire_timeout;
    params.idle_timeout = options.idle_timeout;
    return params;
}

/// A few connections serve many: a command takes a fraction of a millisecond.
refkit::PoolParams redis_params()
{
    refkit::PoolParams params;
    params.max = 8;
    params.idle_timeout = std::chrono::seconds(2);
    return params;
}

} // namespace

Service::Service(const asio::any_io_executor& executor, Options given)
    : options(std::move(given)),
      pool(executor, refkit::PostgresAdapter{with_application_name(options.database, "meal-planner")},
           pool_params(options.pool), Random(std::random_device{}())),
      redis(executor, options.redis),
      mcp(options.notes, Random(std::random_device{}())),
      request_timeout(options.request_timeout)
{
    if (!options.redis.empty()) {
        redis_pool = std::make_unique<refkit::RedisPool>(executor, refkit::RedisAdapter{options.redis, "squall-target"},
                                                         redis_params(), Random(std::random_device{}()));
    }
    if (options.bypass_database.empty()) {
        options.bypass_database = options.database;
    }
}

} // namespace squall::target
