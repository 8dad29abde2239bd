#include "base/quantity.hpp"
#include "base/text.hpp"
#include "slo/judge.hpp"

namespace squall::slo {
namespace {

std::string count_text(std::uint64_t count)
{
    return format_thousands(static_cast<long long>(count));
}

Verdict judge_count(const Check& check, std::uint64_t count)
{
    return compared(check, static_cast<double>(count), count_text(count));
}

std::uint64_t errors_of(const Check& check, const Facts& facts)
{
    if (check.selector.empty()) {
        return facts.all.errors;
    }
    const auto found = facts.all.errors_by_kind.find(check.selector);
    return found == facts.all.errors_by_kind.end() ? 0 : found->second;
}

Verdict judge_error_rate(const Check& check, const StepFacts& step)
{
    const double share = static_cast<double>(step.errors) / static_cast<double>(step.requests);
    auto verdict = compared(check, share, format_significant(share * 100) + "%");
    verdict.why = fmt::format("{} of {} requests failed", count_text(step.errors), count_text(step.requests));
    return verdict;
}

Verdict judge_throughput(const Check& check, const StepFacts& step, double seconds)
{
    const double rate = static_cast<double>(step.requests) / seconds;
    return compared(check, rate, format_rate(Rate::per_second(rate)));
}

} // namespace

Verdict judge_counts(const Check& check, const Facts& facts)
{
    const bool of_step = check.metric != Metric::errors && check.metric != Metric::dropped;
    const auto* step = of_step ? facts_of(check, facts) : &facts.all;
    if (step == nullptr) {
        return no_such_step(check, facts);
    }
    if (facts.load_seconds <= 0) {
        return missed(check, "there was no load");
    }
    if (check.metric == Metric::requests) {
        return judge_count(check, step->requests); // none at all is a measurement too
    }
    if (step->requests == 0 && !(check.metric == Metric::dropped && facts.dropped > 0)) {
        return no_samples(check);
    }
    switch (check.metric) {
    case Metric::error_rate:
        return judge_error_rate(check, *step);
    case Metric::throughput:
        return judge_throughput(check, *step, facts.load_seconds);
    case Metric::dropped:
        return judge_count(check, facts.dropped);
    case Metric::lost_responses:
        return judge_count(check, step->lost);
    case Metric::recovered_responses:
        return judge_count(check, step->recovered);
    default:
        return judge_count(check, errors_of(check, facts));
    }
}

} // namespace squall::slo
