#include "target/cache.hpp"

#include "target/service.hpp"

#include <random>
#include <utility>
#include <vector>

namespace squall::target {
namespace {

constexpr std::chrono::seconds usual_time_to_live{2};
constexpr Duration command_timeout = std::chrono::seconds(2);
constexpr Duration load_patience = std::chrono::seconds(5);
constexpr std::size_t value_bytes = 1024;

Task<Result<wire::RedisReply>> command_through_pool(Service& service, std::vector<std::string> words)
{
    const auto deadline = std::chrono::steady_clock::now() + command_timeout;
    auto reply = co_await service.redis.command(std::move(words), deadline);
    co_return reply;
}

/// What would take long to make.
std::string make_value(const std::string& key)
{
    std::string value = key;
    value.resize(value_bytes, '.');
    return value;
}

/// From Redis, or made and kept there.
Task<Result<CachedValue>> shared_value(Service& service, std::string key)
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

} // namespace

CacheSeam CacheSeam::healthy()
{
    return {.command = &command_through_pool, .time_to_live = usual_time_to_live};
}

NearCache::NearCache(const asio::any_io_executor& executor, Service& service)
{
    if (!service.options.kit.cache) {
        return;
    }
    auto load = [this, &service](std::string key, Instant) { return loaded(service, std::move(key)); };
    cache_ =
        std::make_unique<Cache>(executor, *service.options.kit.cache, std::move(load), Random(std::random_device{}()));
}

Task<Result<NearCache::Loaded>> NearCache::loaded(Service& service, std::string key)
{
    const auto load = ++loads_;
    auto shared = co_await shared_value(service, std::move(key));
    if (!shared) {
        co_return shared.error();
    }
    co_return Loaded{std::move(*shared), load};
}

Task<Result<CachedValue>> NearCache::get(std::string key)
{
    const auto loads_before = loads_;
    const auto deadline = std::chrono::steady_clock::now() + load_patience;
    auto got = co_await cache_->get(std::move(key), deadline);
    if (!got) {
        co_return fail("{}{}{}", got.error().code.message(), got.error().message.empty() ? "" : ": ",
                       got.error().message);
    }
    auto value = std::move(got->value);
    value.hit = value.hit || got->load <= loads_before;
    co_return value;
}

Task<Result<CachedValue>> cached_value(Service& service, std::string key)
{
    if (service.near_cache.wanted()) {
        auto near = co_await service.near_cache.get(std::move(key));
        co_return near;
    }
    auto shared = co_await shared_value(service, std::move(key));
    co_return shared;
}

} // namespace squall::target
