#include "target/cache.hpp"

#include "target/service.hpp"

#include <utility>
#include <vector>

namespace squall::target {
namespace {

constexpr std::chrono::seconds usual_time_to_live{2};
constexpr Duration command_timeout = std::chrono::seconds(2);
constexpr std::size_t value_bytes = 1024;

Task<Result<wire::RedisReply>> command_through_pool(Service& service, std::vector<std::string> words)
{
    const auto deadline = std::chrono::steady_clock::now() + command_timeout;
    auto acquired = co_await service.redis_pool->acquire(deadline);
    if (!acquired) {
        co_return fail("no connection to Redis: {}", acquired.error().code.message());
    }
    auto loan = std::move(*acquired);
    auto reply = co_await loan->command(std::move(words), deadline);
    co_return reply;
}

/// What would take long to make.
std::string make_value(const std::string& key)
{
    std::string value = key;
    value.resize(value_bytes, '.');
    return value;
}

} // namespace

CacheSeam CacheSeam::healthy()
{
    return {.command = &command_through_pool, .time_to_live = usual_time_to_live};
}

Task<Result<CachedValue>> cached_value(Service& service, std::string key)
{
    using Type = wire::RedisReply::Type;
    const auto name = "cached:" + key;
    std::vector<std::string> get{"GET", name};
    auto found = co_await service.cache.command(service, std::move(get));
    if (!found) {
        co_return found.error();
    }
    if (found->type == Type::text) {
        co_return CachedValue{std::move(found->text), true};
    }
    CachedValue made{make_value(key), false};
    std::vector<std::string> set{"SET", name, made.value};
    if (service.cache.time_to_live) {
        set.insert(set.end(), {"EX", std::to_string(service.cache.time_to_live->count())});
    }
    const auto kept = co_await service.cache.command(service, std::move(set));
    if (!kept) {
        co_return kept.error();
    }
    if (kept->type == Type::error) {
        co_return fail("Redis refused: {}", kept->text);
    }
    co_return made;
}

} // namespace squall::target
