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

/// `above`: arrivals, measured or not, that are slower than the figure or the figure's own. Where some of them were
/// given up, the figure is a lower bound, which can break a limit from above and never keep it.
Verdict compared_bound(const Check& check, const StepFacts& step, double above, Duration value)
{
    auto verdict = compared(check, to_seconds(value), format_duration(value));
    const bool limits_from_above = check.comparator == Comparator::less ||
                                   check.comparator == Comparator::less_or_equal ||
                                   check.comparator == Comparator::equal;
    const bool is_bound = check.metric != Metric::send_lag && above < static_cast<double>(step.censored);
    if (is_bound && limits_from_above && verdict.outcome == Outcome::met) {
        verdict.outcome = Outcome::missed;
        verdict.measured = "≥ " + verdict.measured;
        verdict.why = fmt::format("{} of {} requests were given up before an answer: nobody knows how slow they are",
                                  step.censored, step.requests);
    }
    return verdict;
}

Verdict judge_percentile(const Check& check, const Facts& facts, const StepFacts& step,
                         const measure::Histogram& histogram)
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
    const double above =
        static_cast<double>(histogram.count()) * (1 - percent / 100 + 1e-9); // 1 − 0.8 is not quite 0.2
    auto verdict = compared_bound(check, step, above, value);
    verdict.why += (verdict.why.empty() || why.empty() ? "" : "; ") + why;
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
        return judge_percentile(check, facts, *step, *histogram);
    }
    if (counts_dropped(check, facts) && check.aggregation != Aggregation::min) {
        return missed(check, fmt::format("{} dropped arrivals have no time: the {} is not known", facts.dropped,
                                         check.aggregation == Aggregation::mean ? "mean" : "maximum"));
    }
    if (check.aggregation == Aggregation::max) {
        return compared_bound(check, *step, 0, histogram->max());
    }
    const auto value = check.aggregation == Aggregation::mean ? histogram->mean() : histogram->min();
    return compared(check, to_seconds(value), format_duration(value));
}

} // namespace squall::slo
