#include "base/text.hpp"
#include "slo/judge.hpp"

namespace squall::slo {
namespace {

const measure::Histogram* histogram_of(const Check& check, const StepFacts& step)
{
    switch (check.metric) {
    case Metric::service_time:
        return step.service;
    case Metric::send_lag:
        return step.send_lag;
    default:
        return step.response;
    }
}

bool counts_dropped(const Check& check, const Facts& facts)
{
    return check.metric == Metric::response_time && (check.selector.empty() || facts.one_population) &&
           facts.dropped > 0;
}

Verdict judge_percentile(const Check& check, const Facts& facts, const measure::Histogram& histogram)
{
    double percent = check.percentile;
    std::string why;
    if (counts_dropped(check, facts)) {
        const double with_dropped = static_cast<double>(histogram.count()) + static_cast<double>(facts.dropped);
        percent *= with_dropped / static_cast<double>(histogram.count());
        why = fmt::format("{} dropped arrivals count as slower than all others", facts.dropped);
        if (percent > 100) {
            return missed(check, why + ": they reach down to this percentile");
        }
    }
    const auto value = histogram.value_at(Percentile::of(percent));
    auto verdict = compared(check, to_seconds(value), format_duration(value));
    verdict.why = std::move(why);
    return verdict;
}

} // namespace

Verdict judge_latency(const Check& check, const Facts& facts)
{
    const auto* step = facts_of(check, facts);
    if (step == nullptr) {
        return no_such_step(check, facts);
    }
    const auto* histogram = histogram_of(check, *step);
    if (histogram == nullptr || histogram->count() == 0) {
        return no_samples(check);
    }
    if (check.aggregation == Aggregation::percentile) {
        return judge_percentile(check, facts, *histogram);
    }
    if (counts_dropped(check, facts) && check.aggregation != Aggregation::min) {
        return missed(check, fmt::format("{} dropped arrivals have no time: the {} is not known", facts.dropped,
                                         check.aggregation == Aggregation::mean ? "mean" : "maximum"));
    }
    const auto value = check.aggregation == Aggregation::mean  ? histogram->mean()
                       : check.aggregation == Aggregation::min ? histogram->min()
                                                               : histogram->max();
    return compared(check, to_seconds(value), format_duration(value));
}

} // namespace squall::slo
