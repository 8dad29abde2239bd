#include "refkit/cache/cache_params.hpp"

namespace squall::refkit {

Result<void> check(const CacheParams& params)
{
    if (params.max_entries < 1) {
        return fail("cache: max_entries must be at least 1");
    }
    constexpr Duration longest = std::chrono::hours(24 * 3650);
    if (params.time_to_live <= Duration::zero() || params.time_to_live > longest) {
        return fail("cache: time_to_live must be longer than 0 and at most ten years");
    }
    if (params.load_timeout <= Duration::zero()) {
        return fail("cache: load_timeout must be longer than 0");
    }
    if (params.jitter.value() >= 1) {
        return fail("cache: the jitter must be below 1, or a value could expire at once");
    }
    return {};
}

} // namespace squall::refkit
