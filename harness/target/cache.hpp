// Values kept in Redis for a time: the seam at which the defects of caching work.
#pragma once

#include "refkit/pool/redis_adapter.hpp"

#include <functional>
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
Task<Result<CachedValue>> cached_value(Service& service, std::string key);

} // namespace squall::target
