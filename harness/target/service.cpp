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

} // namespace

Service::Service(const asio::any_io_executor& executor, Options given)
    : options(std::move(given)),
      pool(executor, refkit::PostgresAdapter{with_application_name(options.database, "meal-planner")},
           pool_params(options.pool), Random(std::random_device{}())),
      redis(executor, options.redis),
      request_timeout(options.request_timeout)
{
    if (options.bypass_database.empty()) {
        options.bypass_database = options.database;
    }
}

} // namespace squall::target
