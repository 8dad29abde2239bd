// The tables of the reference kit's parts, which [stack.target] has. One file a part.
#pragma once

#include "scenario/shapes/collections.hpp"
#include "scenario/shapes/scalars.hpp"
#include "scenario/shapes/table.hpp"
#include "scenario/target_settings.hpp"

namespace squall::scenario {

/// More of anything than the kit is made for.
inline constexpr std::int64_t most_of_anything = 1'000'000;

/// The kit's own word on what was read; reported where its table stands.
inline bool holds(const Cursor& cursor, const Result<void>& checked)
{
    if (!checked) {
        cursor.report(checked.error().message);
    }
    return checked.has_value();
}

/// A table whose struct has a check() in the kit.
template <typename Params>
ShapePtr<Params> kit_table(std::string expected, Fields<Params> fields)
{
    fields.finally([](const Cursor& cursor, Params& params) { return holds(cursor, check(params)); });
    return table<Params>(std::move(expected), fields);
}

/// `defaults` is what a table that names nothing has.
[[nodiscard]] ShapePtr<refkit::PoolParams> pool_table(refkit::PoolParams defaults = {});
[[nodiscard]] ShapePtr<TierSettings> tiers_table();
[[nodiscard]] ShapePtr<BreakerSettings> breakers_table();
[[nodiscard]] ShapePtr<refkit::RateParams> rate_limit_table();
[[nodiscard]] ShapePtr<ConcurrencySettings> concurrency_limit_table();
[[nodiscard]] ShapePtr<ShedderSettings> shedder_table();
[[nodiscard]] ShapePtr<refkit::RegistryParams> rooms_table();
[[nodiscard]] ShapePtr<refkit::CacheParams> cache_table();

/// Every key of TargetSettings, in a table that reads into a T with that base.
template <typename T>
void add_kit_keys(Fields<T>& fields)
{
    fields.optional("pool", "Its pool of database connections.", &TargetSettings::pool, pool_table());
    fields.optional("redis_pool", "Its pool of connections to Redis.", &TargetSettings::redis_pool,
                    pool_table(TargetSettings{}.redis_pool));
    fields.optional("tiers", "Pools for kinds of requests, together within the main pool's max.",
                    &TargetSettings::tiers, tiers_table());
    fields.optional("breaker", "Circuit breakers before PostgreSQL and Redis.", &TargetSettings::breaker,
                    breakers_table());
    fields.optional("rate_limit", "Requests a time that are let in.", &TargetSettings::rate_limit, rate_limit_table());
    fields.optional("concurrency_limit", "Requests at a time that are let in.", &TargetSettings::concurrency_limit,
                    concurrency_limit_table());
    fields.optional("shedder", "Requests are shed while memory is short.", &TargetSettings::shedder, shedder_table());
    fields.optional("rooms", "Who may be in the WebSocket rooms, and for how long.", &TargetSettings::rooms,
                    rooms_table());
    fields.optional("cache", "A cache of its own in front of Redis.", &TargetSettings::cache, cache_table());
    fields.finally([](const Cursor& cursor, T& settings) { return holds(cursor, check(database_pools(settings))); });
}

} // namespace squall::scenario
