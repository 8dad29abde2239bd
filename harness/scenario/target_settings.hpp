// What can be set of the reference kit inside the target: the tables of [stack.target] beside its own keys. The same
// tables are read by squall, which checks them, and by squall-target, which lives by them.
#pragma once

#include "base/quantity.hpp"
#include "refkit/breaker/breaker_params.hpp"
#include "refkit/cache/cache_params.hpp"
#include "refkit/limiter/limiter_params.hpp"
#include "refkit/pool/pool_params.hpp"
#include "refkit/registry/registry_params.hpp"
#include "scenario/place.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace squall::scenario {

/// Pools of their own for kinds of requests, within the max of the main pool; a kind without one uses the main pool.
struct TierSettings {
    std::optional<refkit::PoolParams> auth;      // POST /login
    std::optional<refkit::PoolParams> read;      // GET /meals
    std::optional<refkit::PoolParams> write;     // POST /meals
    std::optional<refkit::PoolParams> analytics; // GET /export
};

struct BreakerSettings {
    std::optional<refkit::BreakerParams> postgres;
    std::optional<refkit::BreakerParams> redis;
};

struct ConcurrencySettings {
    refkit::LimitParams limit;
    refkit::QueueParams queue;
};

struct ShedderSettings {
    refkit::PressureParams pressure;
    std::variant<ByteCount, std::string> memory; // the most that the process may have, or a cgroup's folder
};

/// Guards that are not given do not stand in anybody's way.
struct TargetSettings {
    refkit::PoolParams pool;
    refkit::PoolParams redis_pool = [] {
        refkit::PoolParams few; // a command takes a fraction of a millisecond
        few.max = 8;
        few.idle_timeout = std::chrono::seconds(2);
        return few;
    }();
    TierSettings tiers;
    BreakerSettings breaker;
    std::optional<refkit::RateParams> rate_limit;
    std::optional<ConcurrencySettings> concurrency_limit;
    std::optional<ShedderSettings> shedder;
    refkit::RegistryParams rooms;
    std::optional<refkit::CacheParams> cache;
};

/// The pools together: "main", and each tier that has one of its own.
[[nodiscard]] refkit::PoolTiersParams database_pools(const TargetSettings& settings);

/// Of the text of a settings file, whose name is `file`, and "pool.max=20" written over it; or every problem, a line
/// each.
[[nodiscard]] Result<TargetSettings> read_target_settings(std::string_view text, const std::string& file,
                                                          const std::vector<std::string>& overrides);

} // namespace squall::scenario
