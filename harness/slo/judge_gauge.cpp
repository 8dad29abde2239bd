#include "analysis/amount.hpp"
#include "base/text.hpp"
#include "slo/judge.hpp"

#include <algorithm>
#include <cmath>

namespace squall::slo {
namespace {

constexpr double same_moment = 2; // seconds: two gauges of a share may be read by different probes

using Points = std::vector<analysis::GaugePoint>;

/// The point of `points`, not empty, that is nearest in time.
const analysis::GaugePoint& nearest(const Points& points, double at)
{
    const auto after = std::ranges::lower_bound(points, at, {}, &analysis::GaugePoint::at_seconds);
    if (after == points.begin()) {
        return *after;
    }
    const auto before = std::prev(after);
    return after == points.end() || at - before->at_seconds <= after->at_seconds - at ? *before : *after;
}

/// a/b at every moment where both are known and b is not 0.
Points quotient(const Points& dividends, const Points& divisors)
{
    Points shares;
    for (const auto& point : dividends) {
        if (divisors.empty()) {
            break;
        }
        const auto& divisor = nearest(divisors, point.at_seconds);
        if (divisor.value != 0 && std::abs(divisor.at_seconds - point.at_seconds) <= same_moment) {
            shares.push_back({point.at_seconds, point.value / divisor.value});
        }
    }
    return shares;
}

double mean_of(const Points& points, std::size_t first, std::size_t count)
{
    double sum = 0;
    for (std::size_t i = first; i < first + count; ++i) {
        sum += points[i].value;
    }
    return sum / static_cast<double>(count);
}

double aggregate(const Points& points, Aggregation aggregation)
{
    switch (aggregation) {
    case Aggregation::min:
        return std::ranges::min(points, {}, &analysis::GaugePoint::value).value;
    case Aggregation::mean:
        return mean_of(points, 0, points.size());
    case Aggregation::last:
        return points.back().value;
    default:
        return std::ranges::max(points, {}, &analysis::GaugePoint::value).value;
    }
}

std::string level_text(const Check& check, double level)
{
    if (check.unit == BoundUnit::share) {
        return format_significant(level * 100) + "%";
    }
    const bool bytes =
        check.unit == BoundUnit::bytes || analysis::kind_of(check.selector) == analysis::GaugeKind::memory;
    return analysis::format_amount(bytes ? analysis::GaugeKind::memory : analysis::GaugeKind::count, level);
}

/// Floor after quiesce minus floor before the load. Without those, the last tenth of the load against its first.
Verdict judge_growth(const Check& check, const Facts& facts, const Points& points)
{
    const auto leak = facts.leaks.find(check.selector);
    if (leak != facts.leaks.end() && leak->second.residual.baseline && leak->second.residual.last) {
        const auto& estimate = leak->second.residual;
        auto verdict = compared(check, estimate.residual.value, level_text(check, estimate.residual.value));
        verdict.why = fmt::format("from {} before the load to {} after quiesce",
                                  level_text(check, estimate.baseline->value), level_text(check, estimate.last->value));
        if (estimate.verdict == analysis::LeakVerdict::not_enough_data) {
            verdict.why += "; " + estimate.why;
        }
        return verdict;
    }
    const auto tenth = std::max<std::size_t>(points.size() / 10, 1);
    const double growth = mean_of(points, points.size() - tenth, tenth) - mean_of(points, 0, tenth);
    auto verdict = compared(check, growth, level_text(check, growth));
    verdict.why = "from the begin of the load to its end: there is no settled level on both sides of it";
    return verdict;
}

} // namespace

Verdict judge_gauge(const Check& check, const Facts& facts)
{
    const auto found = facts.gauges.find(check.selector);
    if (found == facts.gauges.end()) {
        return no_such_gauge(check, check.selector, facts);
    }
    auto points = found->second.points;
    if (!check.divisor.empty()) {
        const auto divisor = facts.gauges.find(check.divisor);
        if (divisor == facts.gauges.end()) {
            return no_such_gauge(check, check.divisor, facts);
        }
        points = quotient(points, divisor->second.points);
    }
    if (points.empty()) {
        return no_samples(check);
    }
    if (check.aggregation == Aggregation::growth) {
        return judge_growth(check, facts, points);
    }
    const double level = aggregate(points, check.aggregation);
    return compared(check, level, level_text(check, level));
}

} // namespace squall::slo
