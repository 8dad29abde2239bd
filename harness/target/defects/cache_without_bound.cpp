// The bug: entries were given no time to live, since "Redis will sort it out"; without maxmemory it never does.
#include "target/defects/registry.hpp"
#include "target/service.hpp"

namespace squall::target {

void install_cache_without_bound(Service& service)
{
    service.cache.time_to_live.reset();
}

} // namespace squall::target
