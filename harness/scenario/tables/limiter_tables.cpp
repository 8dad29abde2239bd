// [stack.target.rate_limit], concurrency_limit and shedder: who is let in.
#include "scenario/tables/kit_tables.hpp"

namespace squall::scenario {
namespace {

using namespace refkit; // parameters of the limiters, nothing else of this file has such names

template <typename Params>
void add_window(Fields<Params>& fields)
{
    fields.optional(
        "window", "The shortest time after which the limit may move.",
        [](Params& params) -> Duration& { return params.window.at_least; }, positive_duration());
    fields.optional(
        "window_samples", "A window also holds at least so many calls.",
        [](Params& params) -> std::uint32_t& { return params.window.samples; },
        integer<std::uint32_t>(1, most_of_anything));
}

template <typename Params>
void add_bounds(Fields<Params>& fields)
{
    const auto limit = integer<std::size_t>(1, most_of_anything);
    fields.optional("initial", "The limit to begin with.", &Params::initial, limit);
    fields.optional("min", "The limit never falls below.", &Params::min, limit);
    fields.optional("max", "The limit never rises above.", &Params::max, limit);
}

ShapePtr<AimdParams> aimd_table()
{
    Fields<AimdParams> fields;
    add_bounds(fields);
    fields.optional("backoff", "The limit falls to this share of itself.", &AimdParams::backoff, ratio());
    fields.optional("timeout", "A call that takes longer makes the limit fall.", &AimdParams::timeout,
                    positive_duration());
    add_window(fields);
    return kit_table("a table; {} will do", std::move(fields));
}

ShapePtr<GradientParams> gradient_table()
{
    Fields<GradientParams> fields;
    add_bounds(fields);
    fields.optional("tolerance", "Calls that take so many times longer than usual are still well.",
                    &GradientParams::tolerance, number(1, 100));
    fields.optional("smoothing", "How much of a new limit is taken on at once.", &GradientParams::smoothing, ratio());
    fields.optional("queue", "Calls that may wait at the far end.", &GradientParams::queue, number(0, 1e6));
    fields.optional("long_window", "What is usual is the mean of so many windows.", &GradientParams::long_window,
                    integer<std::uint32_t>(1, most_of_anything));
    add_window(fields);
    return kit_table("a table; {} will do", std::move(fields));
}

ShapePtr<CodelParams> codel_table()
{
    Fields<CodelParams> fields;
    fields.optional("target", "A wait that is well.", &CodelParams::target, positive_duration());
    fields.optional("interval", "Without one such wait in this time, who waited long is shed.", &CodelParams::interval,
                    positive_duration());
    return kit_table("a table such as { target = \"5ms\", interval = \"100ms\" }", std::move(fields));
}

/// The alternative under `key`, whose table is `shape`.
template <typename Params>
Fields<ConcurrencySettings> limited_by(std::string key, std::string doc, ShapePtr<Params> shape)
{
    Fields<ConcurrencySettings> fields([](ConcurrencySettings& settings) { settings.limit = Params{}; });
    fields.required(
        std::move(key), std::move(doc),
        [](ConcurrencySettings& settings) -> Params& { return std::get<Params>(settings.limit); }, std::move(shape));
    return fields;
}

ShapePtr<FixedParams> fixed_limit()
{
    return converted<FixedParams>(integer<std::size_t>(1, most_of_anything),
                                  [](const Cursor&, std::size_t limit) { return std::optional(FixedParams{limit}); });
}

Fields<ShedderSettings> process_limit()
{
    Fields<ShedderSettings> fields([](ShedderSettings& settings) { settings.memory = ByteCount{}; });
    fields.required(
        "memory_limit", "The resident memory that the process may have.",
        [](ShedderSettings& settings) -> ByteCount& { return std::get<ByteCount>(settings.memory); }, size());
    return fields;
}

Fields<ShedderSettings> cgroup_limit()
{
    Fields<ShedderSettings> fields([](ShedderSettings& settings) { settings.memory = std::string(); });
    fields.required(
        "cgroup", "The folder of the control group (v2) whose memory.max is the limit.",
        [](ShedderSettings& settings) -> std::string& { return std::get<std::string>(settings.memory); },
        text_of("the folder of a control group"));
    return fields;
}

} // namespace

ShapePtr<RateParams> rate_limit_table()
{
    Fields<RateParams> fields;
    fields.optional(
        "calls", "So many requests a period.", [](RateParams& params) -> std::uint64_t& { return params.rate.calls; },
        integer<std::uint64_t>(1, INT64_MAX));
    fields.optional(
        "period", "The time in which they may come.",
        [](RateParams& params) -> Duration& { return params.rate.period; }, positive_duration());
    fields.optional(
        "burst", "So many at once after a pause.",
        [](RateParams& params) -> std::uint64_t& { return params.rate.burst; }, integer<std::uint64_t>(1, INT64_MAX));
    fields.optional("max_waiters", "So many requests may wait for their turn; 0: none.", &RateParams::max_waiters,
                    integer<std::size_t>(0, most_of_anything));
    fields.optional("acquire_timeout", "How long a request waits for its turn.", &RateParams::acquire_timeout,
                    positive_duration());
    return kit_table("a table such as { calls = 100, period = \"1s\", burst = 10 }", std::move(fields));
}

ShapePtr<ConcurrencySettings> concurrency_limit_table()
{
    Fields<ConcurrencySettings> fields;
    fields.optional(
        "max_waiters", "So many requests may wait for a place; 0: none.",
        [](ConcurrencySettings& settings) -> std::size_t& { return settings.queue.max_waiters; },
        integer<std::size_t>(0, most_of_anything));
    fields.optional(
        "acquire_timeout", "How long a request waits for a place.",
        [](ConcurrencySettings& settings) -> Duration& { return settings.queue.acquire_timeout; }, positive_duration());
    fields.optional(
        "codel", "Sheds who waited too long in a queue that does not get shorter (controlled delay).",
        [](ConcurrencySettings& settings) -> std::optional<CodelParams>& { return settings.queue.codel; },
        or_off(codel_table()));
    fields.finally([](const Cursor& cursor, ConcurrencySettings& settings) {
        const auto limit = std::visit([](const auto& params) { return check(params); }, settings.limit);
        return holds(cursor, limit) && holds(cursor, check(settings.queue));
    });
    auto shape = table<ConcurrencySettings>("a table such as { fixed = 80 }", fields);
    shape->choose_one("limit", {limited_by("fixed", "So many requests at a time.", fixed_limit()),
                                limited_by("aimd", "Rises by one, falls by a share.", aimd_table()),
                                limited_by("gradient", "Follows how long requests take.", gradient_table())});
    return shape;
}

ShapePtr<ShedderSettings> shedder_table()
{
    Fields<ShedderSettings> fields;
    fields.optional(
        "shed_at", "From this share of the limit on requests are shed,",
        [](ShedderSettings& settings) -> Ratio& { return settings.pressure.shed_at; }, ratio());
    fields.optional(
        "resume_at", "until memory is back to this share.",
        [](ShedderSettings& settings) -> Ratio& { return settings.pressure.resume_at; }, ratio());
    fields.optional(
        "interval", "The time between two readings of the memory.",
        [](ShedderSettings& settings) -> Duration& { return settings.pressure.interval; }, positive_duration());
    fields.finally(
        [](const Cursor& cursor, ShedderSettings& settings) { return holds(cursor, check(settings.pressure)); });
    auto shape = table<ShedderSettings>("a table such as { memory_limit = \"400MiB\" }", fields);
    shape->choose_one("limit", {process_limit(), cgroup_limit()});
    return shape;
}

} // namespace squall::scenario
