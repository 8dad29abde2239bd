// The worlds of the parts that are not a pool; each is the only thing its file shows.
#pragma once

#include "sim/refkit/world.hpp"

namespace squall::sim {

[[nodiscard]] std::unique_ptr<World> make_limiter_world(const LifePlan& plan, bool trace);
[[nodiscard]] std::unique_ptr<World> make_rate_world(const LifePlan& plan, bool trace);
[[nodiscard]] std::unique_ptr<World> make_cache_world(const LifePlan& plan, bool trace);
[[nodiscard]] std::unique_ptr<World> make_breaker_world(const LifePlan& plan, bool trace);

} // namespace squall::sim
