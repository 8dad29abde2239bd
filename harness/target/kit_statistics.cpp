#include "target/kit_statistics.hpp"

#include <cmath>

namespace squall::target {
namespace {

template <typename T>
double number(T value)
{
    return static_cast<double>(value);
}

boost::json::value json_number(double value)
{
    if (std::trunc(value) == value) {
        return static_cast<std::int64_t>(value);
    }
    return value;
}

} // namespace

Statistics statistics_of(const refkit::PoolStats& stats)
{
    constexpr std::string_view states = "Connections by state.";
    const auto state = [&](std::string_view name, std::size_t count) {
        return Statistic{name, "connections", states, number(count), {"state", name}};
    };
    return {
        {"max", "max_connections", "Connections that there may be.", number(stats.max)},
        {"total", "open_connections", "Connections in whatever state.", number(stats.total)},
        state("idle", stats.idle),
        state("acquired", stats.acquired),
        state("constructing", stats.constructing),
        state("validating", stats.validating),
        state("resetting", stats.resetting),
        state("closing", stats.closing),
        {"waiters", "waiters", "Callers that wait for a connection.", number(stats.waiters)},
        {"acquire_count", "acquires_total", "Callers that got a connection.", number(stats.acquire_count)},
        {"acquire_duration_seconds", "acquire_seconds_total", "Time that they waited.",
         to_seconds(stats.acquire_duration)},
        {"empty_acquire_count", "empty_acquires_total", "Callers that had to wait for one.",
         number(stats.empty_acquire_count)},
        {"canceled_acquire_count", "canceled_acquires_total", "Callers that went away.",
         number(stats.canceled_acquire_count)},
        {"timeouts", "acquire_timeouts_total", "Callers whose deadline passed.", number(stats.timeouts)},
        {"rejected", "rejected_acquires_total", "Callers that the pool refused.", number(stats.rejected)},
        {"dials", "dials_total", "Connections dialed.", number(stats.dials)},
        {"failed_dials", "failed_dials_total", "Dials that failed.", number(stats.failed_dials)},
        {"failed_validations", "failed_validations_total", "Connections found dead before they were lent.",
         number(stats.failed_validations)},
        {"resets", "resets_total", "Connections cleaned after they came back.", number(stats.resets)},
        {"failed_resets", "failed_resets_total", "Those of them that had to be closed.", number(stats.failed_resets)},
        {"idle_closed", "idle_closed_total", "Connections closed by the idle timeout.", number(stats.idle_closed)},
        {"worn_closed", "worn_closed_total", "Connections closed by their age or use, or by a reset of the pool.",
         number(stats.worn_closed)},
        {"suspected_leaks", "suspected_leaks_total", "Loans that lasted too long.", number(stats.suspected_leaks)},
    };
}

Statistics statistics_of(const refkit::BreakerStats& stats)
{
    using refkit::BreakerPhase;
    Statistics all;
    for (const auto phase : {BreakerPhase::closed, BreakerPhase::open, BreakerPhase::half_open,
                             BreakerPhase::forced_open, BreakerPhase::disabled, BreakerPhase::metrics_only}) {
        const auto name = to_string(phase);
        all.push_back({{}, "state", "1 for the state that it is in.", stats.phase == phase ? 1. : 0., {"state", name}});
    }
    const Statistics rest{
        {"window_calls", "window_calls", "Calls by which it judges now.", number(stats.window.calls)},
        {"window_failures", "window_failures", "Failures among them.", number(stats.window.failures)},
        {"window_slow", "window_slow_calls", "Slow calls among them.", number(stats.window.slow)},
        {"transitions", "transitions_total", "Changes of its state.", number(stats.transitions)},
        {"successes", "successes_total", "Calls that succeeded.", number(stats.successes)},
        {"failures", "failures_total", "Calls that failed.", number(stats.failures)},
        {"slow", "slow_calls_total", "Calls that were slow, failed or not.", number(stats.slow)},
        {"ignored", "ignored_calls_total", "Calls that said nothing.", number(stats.ignored)},
        {"late", "late_calls_total", "Calls that ended in another state than they began in.", number(stats.late)},
        {"rejected", "rejected_calls_total", "Calls that it refused.", number(stats.rejected)},
    };
    all.insert(all.end(), rest.begin(), rest.end());
    return all;
}

Statistics statistics_of(const refkit::RateStats& stats)
{
    return {
        {"waiters", "waiters", "Requests that wait for their turn.", number(stats.waiters)},
        {"admitted", "admitted_total", "Requests let in.", number(stats.admitted)},
        {"waited", "waited_total", "Those of them that had to wait.", number(stats.waited)},
        {"rejected", "rejected_total", "Requests refused at once.", number(stats.rejected)},
        {"timeouts", "timeouts_total", "Requests that waited in vain.", number(stats.timeouts)},
        {"cancelled", "cancelled_total", "Requests whose clients went away.", number(stats.cancelled)},
    };
}

Statistics statistics_of(const refkit::ConcurrencyStats& stats)
{
    return {
        {"limit", "limit", "Requests that may run at a time.", number(stats.limit)},
        {"in_flight", "in_flight", "Requests that run.", number(stats.in_flight)},
        {"waiters", "waiters", "Requests that wait for a place.", number(stats.waiters)},
        {"admitted", "admitted_total", "Requests let in.", number(stats.admitted)},
        {"waited", "waited_total", "Those of them that had to wait.", number(stats.waited)},
        {"rejected", "rejected_total", "Requests refused at once.", number(stats.rejected)},
        {"shed", "shed_total", "Requests shed from a queue that did not get shorter.", number(stats.shed)},
        {"timeouts", "timeouts_total", "Requests that waited in vain.", number(stats.timeouts)},
        {"cancelled", "cancelled_total", "Requests whose clients went away.", number(stats.cancelled)},
    };
}

Statistics statistics_of(const refkit::PressureStats& stats)
{
    return {
        {"shedding", "shedding", "1 while requests are shed.", stats.shedding ? 1. : 0.},
        {"admitted", "admitted_total", "Requests let in.", number(stats.admitted)},
        {"rejected", "rejected_total", "Requests shed.", number(stats.rejected)},
        {"readings", "readings_total", "Readings of the memory.", number(stats.readings)},
        {"failed_readings", "failed_readings_total", "Those of them that failed.", number(stats.failed_readings)},
    };
}

Statistics statistics_of(const refkit::RegistryStats& stats)
{
    constexpr std::string_view refused = "Sockets refused, by reason.";
    constexpr std::string_view dropped = "Members dropped, by reason.";
    const auto refusal = [&](std::string_view name, std::string_view reason, std::uint64_t count) {
        return Statistic{name, "refused_total", refused, number(count), {"reason", reason}};
    };
    const auto drop = [&](std::string_view name, std::string_view reason, std::uint64_t count) {
        return Statistic{name, "dropped_total", dropped, number(count), {"reason", reason}};
    };
    return {
        {"members", "sockets", "Entries of the registry.", number(stats.members)},
        {"rooms", "rooms", "Rooms with members.", number(stats.rooms)},
        {"leaving", "leaving", "Members that were told to go and have not left.", number(stats.leaving)},
        {"entered", "entered_total", "Members that came.", number(stats.entered)},
        {"left", "left_total", "Members that left.", number(stats.left)},
        {"pinged", "pinged_total", "Members pinged, as they were silent.", number(stats.pinged)},
        refusal("refused_room_full", "room_full", stats.refused_room_full),
        refusal("refused_registry_full", "registry_full", stats.refused_registry_full),
        refusal("refused_closed", "closed", stats.refused_closed),
        drop("dropped_silent", "silent", stats.dropped_silent),
        drop("dropped_aged", "aged", stats.dropped_aged),
        drop("dropped_slow", "slow", stats.dropped_slow),
        drop("dropped_closing", "closing", stats.dropped_closing),
    };
}

Statistics statistics_of(const refkit::CacheStats& stats)
{
    return {
        {"entries", "entries", "Values that are kept.", number(stats.entries)},
        {"loading", "loading", "Values that are being loaded.", number(stats.loading)},
        {"hits", "hits_total", "Callers that got a value that was kept.", number(stats.hits)},
        {"misses", "misses_total", "Loads begun.", number(stats.misses)},
        {"joined", "joined_total", "Callers that waited for a load that was under way.", number(stats.joined)},
        {"failed_loads", "failed_loads_total", "Loads that failed.", number(stats.failed_loads)},
        {"expired", "expired_total", "Values that were too old.", number(stats.expired)},
        {"evicted", "evicted_total", "Values that went for others.", number(stats.evicted)},
    };
}

void add_to(boost::json::object& body, const Statistics& statistics)
{
    for (const auto& statistic : statistics) {
        if (!statistic.name.empty()) {
            body[statistic.name] = json_number(statistic.value);
        }
    }
}

boost::json::object to_json(const Statistics& statistics)
{
    boost::json::object body;
    add_to(body, statistics);
    return body;
}

void write_metrics(PrometheusText& out, std::string_view prefix, const std::vector<LabelledStatistics>& sources)
{
    const std::size_t count = sources.empty() ? 0 : sources.front().statistics.size();
    std::string_view family;
    for (std::size_t place = 0; place < count; ++place) {
        const auto& first = sources.front().statistics[place];
        const auto name = std::string(prefix) + std::string(first.metric);
        if (first.metric != family) {
            family = first.metric;
            out.family(name, family.ends_with("_total") ? "counter" : "gauge", first.help);
        }
        for (const auto& [labels, statistics] : sources) {
            auto all = labels;
            if (const auto& [label, content] = statistics[place].label; !label.empty()) {
                all.emplace_back(label, content);
            }
            out.sample(name, all, statistics[place].value);
        }
    }
}

} // namespace squall::target
