// Values kept in Redis for a time, and nearer where the settings say so; the seam at which the defects of caching work.
#pragma once

#include "refkit/cache/bounded_cache.hpp"
#include "wire/redis_connection.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace squall::target {

struct Service;

/// How a command reaches Redis, and how long what is written stays.
struct CacheSeam {
    std::function<Task<Result<wire::RedisReply>>(Service&, std::vector<std::string> words)> command;
    std::optional<std::chrono::seconds> time_to_live; // nothing: for ever

    /// Through the pool; two seconds.
    [[nodiscard]] static CacheSeam healthy();
};

/// The value under `key`: the one in Redis, else a new one, which is then kept there. `hit`: it was there.
struct CachedValue {
    std::string value;
    bool hit = false;
};

/// A bounded cache in this process, in front of Redis: many that want the same value cause one load.
class NearCache {
public:
    /// None where the service's settings have none; `service` outlives it.
    NearCache(const asio::any_io_executor& executor, Service& service);
    [[nodiscard]] bool wanted() const { return cache_ != nullptr; }
    /// Only where it is wanted.
    Task<Result<CachedValue>> get(std::string key);
    [[nodiscard]] refkit::CacheStats stats() const { return cache_->stats(); }

private:
    struct Loaded {
        CachedValue value;
        std::uint64_t load = 0; // which one brought it
    };
    using Cache = refkit::BoundedCache<std::string, Loaded>;
    Task<Result<Loaded>> loaded(Service& service, std::string key);

    std::uint64_t loads_ = 0;
    std::unique_ptr<Cache> cache_;
};

/// From the near cache where there is one, else from Redis.
Task<Result<CachedValue>> cached_value(Service& service, std::string key);

} // namespace squall::target
