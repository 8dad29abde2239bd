// [stack.target.pool], redis_pool and tiers: pools of connections.
#include "scenario/tables/kit_tables.hpp"

namespace squall::scenario {

using refkit::Fairness;
using refkit::PoolParams;
using refkit::ResetOnReturn;

ShapePtr<PoolParams> pool_table(PoolParams defaults)
{
    Fields<PoolParams> fields([defaults](PoolParams& params) { params = defaults; });
    const auto connections = integer<std::size_t>(0, most_of_anything);
    fields.optional("min", "Connections that are kept open.", &PoolParams::min_idle, connections);
    fields.optional("max", "The most connections at once, in whatever state.", &PoolParams::max,
                    integer<std::size_t>(1, most_of_anything));
    fields.optional("acquire_timeout", "How long a request waits for a connection.", &PoolParams::acquire_timeout,
                    positive_duration());
    fields.optional("idle_timeout", "Connections beyond min are closed after this time without use.",
                    &PoolParams::idle_timeout, positive_duration());
    fields.optional("max_lifetime", "Older connections are closed; each up to a quarter earlier, at random.",
                    &PoolParams::max_lifetime, or_off(positive_duration()));
    fields.optional("max_usage", "Connections are closed after so many loans.", &PoolParams::max_usage,
                    or_off(integer<std::uint64_t>(1, INT64_MAX)));
    fields.optional("keepalive", "Connections that are idle for so long, ±10 %, are asked whether they live.",
                    &PoolParams::keepalive, or_off(positive_duration()));
    fields.optional("leak_detection_threshold", "Loans that last longer are reported with the place that took them.",
                    &PoolParams::leak_detection_threshold, or_off(positive_duration()));
    fields.optional("validate_after", "A connection that was silent for longer is asked before it is lent.",
                    &PoolParams::validate_after, duration());
    fields.optional("validate_timeout", "How long that question may take.", &PoolParams::validate_timeout,
                    positive_duration());
    fields.optional("reset_timeout", "How long it may take to clean a connection that comes back.",
                    &PoolParams::reset_timeout, positive_duration());
    fields.optional("reset_on_return", "What is sent before a connection that came back is lent again.",
                    &PoolParams::reset_on_return,
                    one_of<ResetOnReturn>({{"none", ResetOnReturn::none},
                                           {"rollback", ResetOnReturn::rollback},
                                           {"discard_all", ResetOnReturn::discard_all},
                                           {"custom", ResetOnReturn::custom}}));
    fields.optional("custom_reset", "The statement of reset_on_return = \"custom\".", &PoolParams::custom_reset,
                    text());
    fields.optional("statement_timeout", "The server ends statements that take longer.", &PoolParams::statement_timeout,
                    or_off(positive_duration()));
    fields.optional(
        "fairness", "Who waits is served first come, first served; or who asks while one is idle goes first.",
        &PoolParams::fairness, one_of<Fairness>({{"fifo", Fairness::fifo}, {"barging", Fairness::barging}}));
    fields.optional("close_timeout", "How long it may take to part from the server.", &PoolParams::close_timeout,
                    positive_duration());
    fields.optional("connect_timeout", "How long one dial may take.", &PoolParams::connect_timeout,
                    positive_duration());
    fields.optional("connect_limit", "Dials at a time.", &PoolParams::connect_limit,
                    or_off(integer<std::size_t>(1, most_of_anything)));
    fields.optional("max_waiters", "So many requests may wait; further ones are refused at once.",
                    &PoolParams::max_waiters, or_off(connections));
    fields.optional("backoff_first", "The pause after a failed dial; it doubles with each further one.",
                    &PoolParams::backoff_first, positive_duration());
    fields.optional("backoff_longest", "The longest such pause.", &PoolParams::backoff_longest, positive_duration());
    return kit_table("a table such as { min = 5, max = 100 }", std::move(fields));
}

ShapePtr<TierSettings> tiers_table()
{
    Fields<TierSettings> fields;
    const auto pool = pool_table();
    fields.optional("auth", "The pool of POST /login.", &TierSettings::auth, pool);
    fields.optional("read", "The pool of GET /meals.", &TierSettings::read, pool);
    fields.optional("write", "The pool of POST /meals.", &TierSettings::write, pool);
    fields.optional("analytics", "The pool of GET /export.", &TierSettings::analytics, pool);
    return table<TierSettings>("a table such as { auth = { min = 5, max = 20 } }", fields);
}

} // namespace squall::scenario
