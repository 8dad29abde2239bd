// redis:// URLs and the commands that open a connection.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace squall::wire {

struct RedisAddress {
    std::string host;
    std::uint16_t port = 6379;
    std::string user; // empty: the default user
    std::string password;
    int database = 0;
    bool secure = false; // rediss://: over TLS

    /// AUTH, SELECT and CLIENT SETNAME, each only where needed. `name` is cleaned of what Redis forbids in it
    /// (blanks and control characters become "-").
    [[nodiscard]] std::vector<std::vector<std::string>> greeting(std::string_view name) const;
};

/// redis:// or rediss://[[user]:password@]host[:port][/database]. Errors never show the password.
[[nodiscard]] Result<RedisAddress> parse_redis_url(std::string_view text);

} // namespace squall::wire
