#include "plan/phase_lengths.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>

namespace squall::plan {
namespace {

using namespace std::chrono_literals;
using scenario::LeakCheck;

constexpr Duration shortest_quiesce = 5s;
constexpr Duration shortest_for_memory = 20s;
constexpr Duration longest_primer = 10s;

/// What a level of the leak check may cost in waiting.
struct Patience {
    Duration margin;  // behind the last timeout
    Duration longest; // quiesce
    double of_load;   // quiesce against one dose, beyond shortest_quiesce
};

Patience patience_of(LeakCheck level)
{
    switch (level) {
    case LeakCheck::standard:
        return {10s, 60s, 1};
    case LeakCheck::certify:
        return {10s, 10min, 1};
    case LeakCheck::quick:
        break;
    }
    return {2s, 15s, 0.5};
}

Duration share_of(Duration whole, double share)
{
    return from_seconds(to_seconds(whole) * share);
}

/// "10", "1.5", "10s", "2min": a number without unit counts `unit`s. Nothing for what is no time, or 0, which is never.
std::optional<Duration> setting(const std::map<std::string, std::string>& settings, const char* name, Duration unit)
{
    const auto found = settings.find(name);
    if (found == settings.end()) {
        return std::nullopt;
    }
    auto rest = trim(found->second);
    const auto number = take_number(rest);
    if (!number || *number <= 0) {
        return std::nullopt;
    }
    constexpr std::array<std::pair<std::string_view, Duration>, 6> units{
        {{"us", 1us}, {"ms", 1ms}, {"s", 1s}, {"min", 1min}, {"h", 1h}, {"d", 24h}}};
    const auto word = trim(rest);
    for (const auto& [spelling, length] : units) {
        if (word == spelling) {
            return share_of(length, *number);
        }
    }
    return word.empty() ? std::optional(share_of(unit, *number)) : std::nullopt;
}

/// The level is taken in the last third.
Duration wanted_for(const IdleTimeout& timeout, const Patience& patience)
{
    const auto closed = timeout.after + timeout.period;
    const auto length = std::max(closed + patience.margin, closed * 3 / 2);
    return std::chrono::ceil<std::chrono::seconds>(length);
}

std::string closes(const IdleTimeout& timeout)
{
    return fmt::format("{} closes {} after {}", timeout.who, timeout.what, format_duration(timeout.after));
}

struct Chosen {
    Duration length{};
    std::string why;
    std::vector<std::string> not_waited_for;
};

Chosen choose_quiesce(const scenario::Scenario& scenario)
{
    const auto patience = patience_of(scenario.leak_check);
    const auto longest =
        std::min(patience.longest, std::max(shortest_quiesce, share_of(scenario.duration, patience.of_load)));
    Chosen chosen{shortest_quiesce, "nothing in the stack that closes later is waited for", {}};
    if (scenario.leak_check != LeakCheck::quick && judges_memory(scenario.checks)) {
        chosen.length = std::min(shortest_for_memory, longest);
        chosen.why = "a process's memory is judged, which settles slowly";
    }
    for (const auto& timeout : idle_timeouts(scenario.stack)) {
        const auto wanted = wanted_for(timeout, patience);
        if (wanted > longest) {
            chosen.not_waited_for.push_back(
                fmt::format("{}, which is not waited for (quiesce {} would): what the primer opened counts before and "
                            "after the load",
                            closes(timeout), format_duration(wanted)));
        } else if (wanted > chosen.length) {
            chosen.length = wanted;
            chosen.why = closes(timeout);
        }
    }
    return chosen;
}

} // namespace

std::vector<IdleTimeout> idle_timeouts(const scenario::StackSpec& stack)
{
    std::vector<IdleTimeout> all;
    const auto add = [&all](const char* who, const char* what, std::optional<Duration> after, Duration period) {
        if (after) {
            all.push_back({who, what, *after, period});
        }
    };
    if (stack.target) {
        add("target.pool", "idle connections", stack.target->pool.idle_timeout, 0s);
    }
    if (stack.pgbouncer) { // its janitor comes three times a second
        add("pgbouncer.server_idle_timeout", "idle server connections",
            setting(stack.pgbouncer->settings, "server_idle_timeout", 1s), 1s);
        add("pgbouncer.client_idle_timeout", "idle clients",
            setting(stack.pgbouncer->settings, "client_idle_timeout", 1s), 1s);
    }
    if (stack.postgres) {
        add("postgres.idle_session_timeout", "idle sessions",
            setting(stack.postgres->settings, "idle_session_timeout", 1ms), 0s);
        add("postgres.idle_in_transaction_session_timeout", "sessions idle in a transaction",
            setting(stack.postgres->settings, "idle_in_transaction_session_timeout", 1ms), 0s);
    }
    if (stack.redis) { // clientsCron looks at every client once a second
        add("redis.timeout", "idle clients", setting(stack.redis->settings, "timeout", 1s), 1s);
    }
    return all;
}

bool judges_memory(const std::vector<scenario::Check>& checks)
{
    return std::any_of(checks.begin(), checks.end(), [](const scenario::Check& check) {
        const std::string_view text = check.expression;
        const bool of_a_gauge = text.starts_with("leak[") || text.starts_with("gauge[");
        const auto name = text.substr(0, text.find(']'));
        return of_a_gauge && (name.find(".rss") != name.npos || name.find(".pss") != name.npos ||
                              name.find("memory") != name.npos || name.find("heap") != name.npos);
    });
}

PhaseLengths phase_lengths(const scenario::Scenario& scenario)
{
    PhaseLengths lengths;
    lengths.primer = scenario.primer.value_or(std::min(scenario.duration / 10, longest_primer));
    if (!scenario.primer) {
        lengths.reasons.push_back(fmt::format(
            "primer {}: a tenth of the load, at most {}; above the load's own concurrency, so that pools are "
            "as large as they will get",
            format_duration(lengths.primer), format_duration(longest_primer)));
    }
    if (scenario.quiesce) {
        lengths.quiesce = *scenario.quiesce;
    } else {
        auto chosen = choose_quiesce(scenario);
        lengths.quiesce = chosen.length;
        lengths.reasons.push_back(fmt::format("quiesce {}: {}", format_duration(chosen.length), chosen.why));
        std::ranges::move(chosen.not_waited_for, std::back_inserter(lengths.reasons));
    }
    lengths.settle = lengths.primer > Duration::zero() ? lengths.quiesce : Duration::zero();
    return lengths;
}

} // namespace squall::plan
