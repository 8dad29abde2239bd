#include "slo/evaluate.hpp"

#include "base/text.hpp"
#include "slo/judge.hpp"
#include "slo/metrics.hpp"

#include <algorithm>

namespace squall::slo {
namespace {

constexpr std::size_t most_names = 8;

template <typename Map>
std::vector<std::string> names_of(const Map& map)
{
    std::vector<std::string> names;
    names.reserve(map.size());
    for (const auto& [name, value] : map) {
        names.push_back(name);
    }
    return names;
}

/// The nearest name, or the first few of all.
std::string known(const std::string& wanted, std::vector<std::string> names)
{
    if (names.empty()) {
        return "there is none";
    }
    if (const auto near = closest_match(wanted, names)) {
        return fmt::format("known: {}, …", *near);
    }
    const bool more = names.size() > most_names;
    names.resize(std::min(names.size(), most_names));
    return fmt::format("known: {}{}", join(names, ", "), more ? ", …" : "");
}

} // namespace

Verdict open_verdict(const Check& check)
{
    Verdict verdict;
    verdict.expression = check.expression;
    verdict.outcome = Outcome::missed;
    verdict.bound = fmt::format("{} {}", name_of(check.comparator), check.bound_text);
    return verdict;
}

Verdict missed(const Check& check, std::string why)
{
    auto verdict = open_verdict(check);
    verdict.why = std::move(why);
    return verdict;
}

Verdict no_samples(const Check& check)
{
    auto verdict = missed(check, "no samples");
    verdict.no_samples = true;
    return verdict;
}

Verdict compared(const Check& check, double measured, std::string text)
{
    auto verdict = open_verdict(check);
    verdict.outcome = holds(measured, check.comparator, check.bound) ? Outcome::met : Outcome::missed;
    verdict.measured = std::move(text);
    verdict.value = measured;
    return verdict;
}

const StepFacts* facts_of(const Check& check, const Facts& facts)
{
    if (check.selector.empty()) {
        return &facts.all;
    }
    const auto found = facts.steps.find(check.selector);
    return found == facts.steps.end() ? nullptr : &found->second;
}

Verdict no_such_step(const Check& check, const Facts& facts)
{
    return missed(check, fmt::format("no step \"{}\" was measured; {}", check.selector,
                                     known(check.selector, names_of(facts.steps))));
}

Verdict no_such_gauge(const Check& check, const std::string& name, const Facts& facts)
{
    return missed(check, fmt::format("no such gauge was measured: {}; {}", name, known(name, names_of(facts.gauges))));
}

Verdict evaluate(const Check& check, const Facts& facts)
{
    switch (check.metric) {
    case Metric::response_time:
    case Metric::service_time:
    case Metric::send_lag:
        return judge_latency(check, facts);
    case Metric::leak:
        return judge_leak(check, facts);
    case Metric::gauge:
        return judge_gauge(check, facts);
    case Metric::error_rate:
    case Metric::errors:
    case Metric::requests:
    case Metric::throughput:
    case Metric::dropped:
    case Metric::lost_responses:
    case Metric::recovered_responses:
        break;
    }
    return judge_counts(check, facts);
}

} // namespace squall::slo
