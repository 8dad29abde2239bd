#include "refkit/breaker/breaker_params.hpp"

#include <initializer_list>
#include <utility>

namespace squall::refkit {
namespace {

constexpr std::uint32_t most_calls = 10'000;
constexpr std::uint32_t most_min_calls = 100'000;
constexpr std::chrono::seconds longest_span{3600};

Result<void> check_window(const LastCalls& window, std::uint32_t min_calls)
{
    if (window.calls < 1 || window.calls > most_calls) {
        return fail("breaker: the window must hold 1 to {} calls, not {}", most_calls, window.calls);
    }
    if (min_calls > window.calls) {
        return fail("breaker: min_calls is {}, but the window holds only {} calls", min_calls, window.calls);
    }
    return {};
}

Result<void> check_window(const LastSeconds& window, std::uint32_t)
{
    if (window.span.count() < 1 || window.span > longest_span) {
        return fail("breaker: the window must span 1 to {} seconds, not {}", longest_span.count(), window.span.count());
    }
    return {};
}

Result<void> check_rule(const ConsecutiveFailures& rule)
{
    if (rule.count < 1) {
        return fail("breaker: it must take at least 1 failure in a row to trip");
    }
    return {};
}

Result<void> check_rule(const Rates& rule)
{
    if (rule.min_calls < 1 || rule.min_calls > most_min_calls) {
        return fail("breaker: min_calls must be 1 to {}, not {}", most_min_calls, rule.min_calls);
    }
    if (!rule.failure_rate && !rule.slow_call_rate) {
        return fail("breaker: neither a failure rate nor a slow call rate is given; it would never trip");
    }
    for (const auto& rate : {rule.failure_rate, rule.slow_call_rate}) {
        if (rate && rate->value() <= 0) {
            return fail("breaker: a rate of 0 would trip on every call");
        }
    }
    return std::visit([&rule](const auto& window) { return check_window(window, rule.min_calls); }, rule.window);
}

} // namespace

Result<void> check(const BreakerParams& params)
{
    for (const auto& [name, time] : {std::pair{"slow_call", params.slow_call}, std::pair{"open_wait", params.open_wait},
                                     std::pair{"max_wait_in_half_open", params.max_wait_in_half_open}}) {
        if (time <= Duration::zero()) {
            return fail("breaker: {} must be longer than 0", name);
        }
    }
    if (!(params.open_wait_growth >= 1)) {
        return fail("breaker: open_wait_growth must be at least 1, not {}", params.open_wait_growth);
    }
    if (params.open_wait_longest < params.open_wait) {
        return fail("breaker: open_wait_longest is shorter than open_wait");
    }
    if (params.open_wait_jitter.value() >= 1) {
        return fail("breaker: open_wait_jitter must be below 1, or a wait could be 0");
    }
    if (params.half_open_permits < 1) {
        return fail("breaker: half_open_permits must be at least 1, or it would never close");
    }
    return std::visit([](const auto& rule) { return check_rule(rule); }, params.rule);
}

std::string_view to_string(BreakerPhase phase)
{
    switch (phase) {
    case BreakerPhase::closed:
        return "closed";
    case BreakerPhase::open:
        return "open";
    case BreakerPhase::half_open:
        return "half_open";
    case BreakerPhase::forced_open:
        return "forced_open";
    case BreakerPhase::disabled:
        return "disabled";
    case BreakerPhase::metrics_only:
        return "metrics_only";
    }
    return "unknown";
}

} // namespace squall::refkit
