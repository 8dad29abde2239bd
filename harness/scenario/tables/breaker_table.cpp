// [stack.target.breaker]: what a circuit breaker judges by, and how long it stays open.
#include "scenario/tables/kit_tables.hpp"

namespace squall::scenario {
namespace {

using refkit::BreakerParams;
using refkit::LastCalls;
using refkit::LastSeconds;
using refkit::Rates;

Rates& rates_of(BreakerParams& params)
{
    return std::get<Rates>(params.rule);
}

Fields<BreakerParams> by_consecutive_failures()
{
    Fields<BreakerParams> fields([](BreakerParams& params) { params.rule = refkit::ConsecutiveFailures{}; });
    fields.required(
        "consecutive_failures", "So many failures without a success between them open it.",
        [](BreakerParams& params) -> std::uint32_t& {
            return std::get<refkit::ConsecutiveFailures>(params.rule).count;
        },
        integer<std::uint32_t>(1, most_of_anything));
    return fields;
}

void add_rates(Fields<BreakerParams>& fields)
{
    fields.optional(
        "min_calls", "Fewer calls in the window prove nothing.",
        [](BreakerParams& params) -> std::uint32_t& { return rates_of(params).min_calls; },
        integer<std::uint32_t>(1, most_of_anything));
    fields.optional(
        "failure_rate", "This share of failed calls opens it.",
        [](BreakerParams& params) -> std::optional<Ratio>& { return rates_of(params).failure_rate; }, ratio());
    fields.optional(
        "slow_call_rate", "This share of slow calls opens it.",
        [](BreakerParams& params) -> std::optional<Ratio>& { return rates_of(params).slow_call_rate; }, ratio());
}

Fields<BreakerParams> by_last_calls()
{
    Fields<BreakerParams> fields([](BreakerParams& params) { params.rule.emplace<Rates>().window = LastCalls{}; });
    fields.required(
        "last_calls", "Judges by the last so many calls.",
        [](BreakerParams& params) -> std::uint32_t& { return std::get<LastCalls>(rates_of(params).window).calls; },
        integer<std::uint32_t>(1, most_of_anything));
    add_rates(fields);
    return fields;
}

Fields<BreakerParams> by_last_seconds()
{
    Fields<BreakerParams> fields([](BreakerParams& params) { params.rule.emplace<Rates>().window = LastSeconds{}; });
    fields.required(
        "last_seconds", "Judges by the calls of the last so many seconds.",
        [](BreakerParams& params) -> std::chrono::seconds& {
            return std::get<LastSeconds>(rates_of(params).window).span;
        },
        converted<std::chrono::seconds>(integer<std::int64_t>(1, 3600), [](const Cursor&, std::int64_t seconds) {
            return std::optional(std::chrono::seconds(seconds));
        }));
    add_rates(fields);
    return fields;
}

ShapePtr<BreakerParams> breaker_table()
{
    Fields<BreakerParams> fields;
    fields.optional("slow_call", "A call that takes at least so long is slow.", &BreakerParams::slow_call,
                    positive_duration());
    fields.optional("open_wait", "How long it stays open before it tries again.", &BreakerParams::open_wait,
                    positive_duration());
    fields.optional("open_wait_growth", "Each further opening in a row lasts so many times longer.",
                    &BreakerParams::open_wait_growth, number(1, 100));
    fields.optional("open_wait_longest", "The longest opening.", &BreakerParams::open_wait_longest,
                    positive_duration());
    fields.optional("open_wait_jitter", "Openings last longer or shorter by up to this share, at random.",
                    &BreakerParams::open_wait_jitter, ratio());
    fields.optional("half_open_permits", "So many calls decide whether it closes again.",
                    &BreakerParams::half_open_permits, integer<std::uint32_t>(1, most_of_anything));
    fields.optional("max_wait_in_half_open", "Without a decision in this time it opens again.",
                    &BreakerParams::max_wait_in_half_open, positive_duration());
    fields.finally([](const Cursor& cursor, BreakerParams& params) { return holds(cursor, check(params)); });
    auto shape = table<BreakerParams>("a table such as { consecutive_failures = 5, open_wait = \"60s\" }", fields);
    shape->choose_one("rule", {by_consecutive_failures(), by_last_calls(), by_last_seconds()});
    return shape;
}

} // namespace

ShapePtr<BreakerSettings> breakers_table()
{
    Fields<BreakerSettings> fields;
    const auto breaker = breaker_table();
    fields.optional("postgres", "Before every query.", &BreakerSettings::postgres, breaker);
    fields.optional("redis", "Before every command.", &BreakerSettings::redis, breaker);
    return table<BreakerSettings>("a table such as { postgres = { consecutive_failures = 5 } }", fields);
}

} // namespace squall::scenario
