#include "target/service.hpp"

#include <random>
#include <utility>

namespace squall::target {

Service::Service(const asio::any_io_executor& executor, Options given)
    : options(std::move(given)),
      gate(executor, options.kit),
      database(executor, options.database, options.kit),
      redis(executor, options.redis, options.kit),
      near_cache(executor, *this),
      rooms(options.kit.rooms),
      mcp(options.notes, Random(std::random_device{}())),
      request_timeout(options.request_timeout)
{
    if (options.bypass_database.empty()) {
        options.bypass_database = options.database;
    }
}

} // namespace squall::target
