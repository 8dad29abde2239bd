// Scenarios in which every setting of the reference kit stands once; those that exclude each other in several.
#pragma once

#include <string>
#include <vector>

namespace squall::scenario::testing {

inline const std::string every_pool_key = R"toml(
min = 1
max = 20
acquire_timeout = "1s"
idle_timeout = "2s"
max_lifetime = "30m"
max_usage = 1000
keepalive = "3s"
leak_detection_threshold = "4s"
validate_after = "5ms"
validate_timeout = "6s"
reset_timeout = "7s"
reset_on_return = "custom"
custom_reset = "DISCARD \"ALL\""
statement_timeout = "8s"
fairness = "barging"
close_timeout = "9s"
connect_timeout = "10s"
connect_limit = 3
max_waiters = 4
backoff_first = "11ms"
backoff_longest = "12s"
)toml";

inline const std::string every_common_breaker_key =
    "slow_call = \"1s\"\nopen_wait = \"2s\"\nopen_wait_growth = 2\nopen_wait_longest = \"3s\"\n"
    "open_wait_jitter = \"20%\"\nhalf_open_permits = 3\nmax_wait_in_half_open = \"4s\"\n";

/// What follows [stack]; `rule` is the breakers', `limit` of the requests at a time, `memory` the shedder's.
inline std::string every_target_setting(const std::string& rule, const std::string& limit, const std::string& memory)
{
    std::string text = "[stack]\npostgres = {}\nredis = {}\n";
    for (const auto* pool : {"pool", "redis_pool", "tiers.auth", "tiers.read", "tiers.write", "tiers.analytics"}) {
        text += "[stack.target." + std::string(pool) + "]" + every_pool_key;
    }
    for (const auto* guarded : {"postgres", "redis"}) {
        text += "[stack.target.breaker." + std::string(guarded) + "]\n" + rule + every_common_breaker_key;
    }
    return text + "[stack.target.concurrency_limit]\n" + limit +
           "max_waiters = 5\nacquire_timeout = \"6s\"\ncodel = { target = \"5ms\", interval = \"100ms\" }\n" +
           "[stack.target.shedder]\n" + memory + R"toml(
shed_at = "90%"
resume_at = 0.8
interval = "50ms"
[stack.target.rate_limit]
calls = 10
period = "1s"
burst = 2
max_waiters = 3
acquire_timeout = "4s"
[stack.target.rooms]
most_in_room = 5
most_in_all = 6
ping_after = "1s"
drop_after = "2s"
max_age = "1h"
sweep_every = "100ms"
[stack.target.cache]
max_entries = 7
time_to_live = "8s"
jitter = "10%"
load_timeout = "9s"
)toml";
}

inline std::vector<std::string> every_target_settings()
{
    const std::string bounds = "initial = 20, min = 10, max = 30, window = \"1s\", window_samples = 5";
    const std::string rates = "min_calls = 10\nfailure_rate = \"50%\"\nslow_call_rate = 0.5\n";
    return {
        every_target_setting("consecutive_failures = 5\n", "fixed = 80\n", "memory_limit = \"400MiB\"\n"),
        every_target_setting("last_calls = 100\n" + rates,
                             "aimd = { " + bounds + ", backoff = \"90%\", timeout = \"5s\" }\n",
                             "cgroup = \"/sys/fs/cgroup/x\"\n"),
        every_target_setting("last_seconds = 60\n" + rates,
                             "gradient = { " + bounds +
                                 ", tolerance = 1.5, smoothing = 0.2, queue = 4, long_window = 600 }\n",
                             "memory_limit = \"400MiB\"\n"),
    };
}

} // namespace squall::scenario::testing
