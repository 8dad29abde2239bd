// Connections to Redis that the users of a thread share.
#pragma once

#include "drivers/connection_pool.hpp"
#include "drivers/redis_link.hpp"

namespace squall::drivers {

using RedisPool = ConnectionPool<RedisLink, RedisContext>;

} // namespace squall::drivers
