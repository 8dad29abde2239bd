#include "refkit/pool/pool_params.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>
#include <utility>

namespace squall::refkit {
namespace {

void expect_positive(std::vector<std::string>& found, std::string_view name, Duration value)
{
    if (value <= Duration::zero()) {
        found.push_back(fmt::format("{} is {}: it must be longer than nothing", name, format_duration(value)));
    }
}

std::vector<std::string> problems_of(const PoolParams& params)
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
    if (params.validate_after < Duration::zero()) {
        found.emplace_back("validate_after is negative");
    }
    if (params.backoff_longest < params.backoff_first) {
        found.emplace_back("backoff_longest is shorter than backoff_first");
    }
    if (params.reset_on_return == ResetOnReturn::custom && params.custom_reset.empty()) {
        found.emplace_back("reset_on_return is custom, and custom_reset says nothing");
    }
    if (params.reset_on_return != ResetOnReturn::custom && !params.custom_reset.empty()) {
        found.emplace_back("custom_reset is given, and reset_on_return is not custom: it would never be sent");
    }
    const std::pair<std::string_view, std::optional<Duration>> timeouts[] = {
        {"acquire_timeout", params.acquire_timeout},
        {"idle_timeout", params.idle_timeout},
        {"validate_timeout", params.validate_timeout},
        {"reset_timeout", params.reset_timeout},
        {"close_timeout", params.close_timeout},
        {"connect_timeout", params.connect_timeout},
        {"backoff_first", params.backoff_first},
        {"statement_timeout", params.statement_timeout},
        {"max_lifetime", params.max_lifetime},
        {"keepalive", params.keepalive},
        {"leak_detection_threshold", params.leak_detection_threshold}};
    for (const auto& [name, value] : timeouts) {
        if (value) {
            expect_positive(found, name, *value);
        }
    }
    if (params.statement_timeout && *params.statement_timeout < std::chrono::milliseconds(1)) {
        found.emplace_back("statement_timeout is shorter than the millisecond in which servers count");
    }
    return found;
}

Result<void> one_message(const std::vector<std::string>& problems)
{
    if (problems.empty()) {
        return {};
    }
    return Error::saying(fmt::format("{}", fmt::join(problems, "; ")));
}

} // namespace

Result<void> check(const PoolParams& params)
{
    return one_message(problems_of(params));
}

Result<void> check(const PoolTiersParams& params)
{
    std::vector<std::string> found;
    std::set<std::string_view> names;
    std::size_t minima = 0;
    for (const auto& tier : params.tiers) {
        minima += tier.pool.min_idle;
    }
    for (const auto& tier : params.tiers) {
        if (!names.insert(tier.name).second) {
            found.push_back(fmt::format("two tiers are called \"{}\"", tier.name));
        }
        for (const auto& problem : problems_of(tier.pool)) {
            found.push_back(fmt::format("tier \"{}\": {}", tier.name, problem));
        }
        if (tier.pool.thread_safe) {
            found.push_back(
                fmt::format("tier \"{}\": thread_safe is not for tiers, which share one executor", tier.name));
        }
        if (tier.pool.min_idle == 0 && minima == params.max) {
            found.push_back(fmt::format(
                "tier \"{}\" has min_idle 0, and the others' take all of max: it would never get a connection",
                tier.name));
        }
    }
    if (params.tiers.empty()) {
        found.emplace_back("there is no tier");
    }
    if (params.max == 0) {
        found.emplace_back("max is 0: the tiers need room for one connection");
    } else if (minima > params.max) {
        found.push_back(
            fmt::format("the tiers' min_idle add up to {}, more than max, which is {}", minima, params.max));
    }
    return one_message(found);
}

} // namespace squall::refkit
