#include "refkit/pool/pool_params.hpp"

#include <fmt/format.h>

namespace squall::refkit {
namespace {

void expect_positive(std::vector<std::string>& found, std::string_view name, Duration value)
{
    if (value <= Duration::zero()) {
        found.push_back(fmt::format("{} is {}: it must be longer than nothing", name, format_duration(value)));
    }
}

} // namespace

std::vector<std::string> problems(const PoolParams& params)
{
    std::vector<std::string> found;
    if (params.max == 0) {
        found.emplace_back("max is 0: a pool needs room for one connection");
    }
    if (params.min_idle > params.max) {
        found.push_back(fmt::format("min_idle is {}, more than max, which is {}", params.min_idle, params.max));
    }
    if (params.connect_limit == 0U) {
        found.emplace_back("connect_limit is 0: nothing would ever be dialed");
    }
    if (params.max_usage == 0U) {
        found.emplace_back("max_usage is 0: a connection could not be used once");
    }
    if (params.acquire_timeout < Duration::zero()) {
        found.emplace_back("acquire_timeout is negative");
    }
    if (params.validate_after < Duration::zero()) {
        found.emplace_back("validate_after is negative");
    }
    if (params.backoff_longest < params.backoff_first) {
        found.emplace_back("backoff_longest is shorter than backoff_first");
    }
    expect_positive(found, "idle_timeout", params.idle_timeout);
    expect_positive(found, "validate_timeout", params.validate_timeout);
    expect_positive(found, "reset_timeout", params.reset_timeout);
    expect_positive(found, "close_timeout", params.close_timeout);
    expect_positive(found, "connect_timeout", params.connect_timeout);
    expect_positive(found, "backoff_first", params.backoff_first);
    const std::pair<std::string_view, std::optional<Duration>> optional[] = {
        {"max_lifetime", params.max_lifetime},
        {"keepalive", params.keepalive},
        {"leak_detection_threshold", params.leak_detection_threshold}};
    for (const auto& [name, value] : optional) {
        if (value) {
            expect_positive(found, name, *value);
        }
    }
    return found;
}

} // namespace squall::refkit
