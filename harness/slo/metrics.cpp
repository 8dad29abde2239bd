#include "slo/metrics.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <array>

namespace squall::slo {
namespace {

constexpr std::array of_latency{Aggregation::percentile, Aggregation::mean, Aggregation::min, Aggregation::max};
constexpr std::array of_gauge{Aggregation::max, Aggregation::mean, Aggregation::min, Aggregation::last,
                              Aggregation::growth};
constexpr std::string_view a_time = "a time such as 500ms";
constexpr std::string_view a_number = "a number such as 100";

constexpr std::array<MetricInfo, 12> metrics{{
    {Metric::response_time, "response_time", Selector::step, false, of_latency, a_time},
    {Metric::service_time, "service_time", Selector::step, false, of_latency, a_time},
    {Metric::send_lag, "send_lag", Selector::step, false, of_latency, a_time},
    {Metric::error_rate, "error_rate", Selector::step, false, {}, "a share such as 0.1%"},
    {Metric::errors, "errors", Selector::error_kind, false, {}, a_number},
    {Metric::requests, "requests", Selector::step, false, {}, a_number},
    {Metric::throughput, "throughput", Selector::step, false, {}, "a rate such as 50/s"},
    {Metric::dropped, "dropped", Selector::none, false, {}, a_number},
    {Metric::lost_responses, "lost_responses", Selector::step, false, {}, a_number},
    {Metric::recovered_responses, "recovered_responses", Selector::step, false, {}, a_number},
    {Metric::leak, "leak", Selector::gauge, true, {}, "a pace such as 1/h or 2/1000ops, of memory 10MiB/h"},
    {Metric::gauge, "gauge", Selector::gauge, true, of_gauge, "a number such as 120, or a size such as 50MiB"},
}};

} // namespace

const MetricInfo& info_of(Metric metric)
{
    const auto found = std::ranges::find(metrics, metric, &MetricInfo::metric);
    SQUALL_ASSERT(found != metrics.end());
    return *found;
}

const MetricInfo* find_metric(std::string_view name)
{
    const auto found = std::ranges::find(metrics, name, &MetricInfo::name);
    return found == metrics.end() ? nullptr : &*found;
}

std::vector<std::string> metric_names()
{
    std::vector<std::string> names;
    names.reserve(metrics.size());
    for (const auto& metric : metrics) {
        names.emplace_back(metric.name);
    }
    return names;
}

std::string_view name_of(Aggregation aggregation)
{
    switch (aggregation) {
    case Aggregation::none:
        return "";
    case Aggregation::percentile:
        return "p99";
    case Aggregation::mean:
        return "mean";
    case Aggregation::min:
        return "min";
    case Aggregation::max:
        return "max";
    case Aggregation::last:
        return "last";
    case Aggregation::growth:
        return "growth";
    }
    return "";
}

std::string_view name_of(Comparator comparator)
{
    switch (comparator) {
    case Comparator::less:
        return "<";
    case Comparator::less_or_equal:
        return "<=";
    case Comparator::greater:
        return ">";
    case Comparator::greater_or_equal:
        return ">=";
    case Comparator::equal:
        return "==";
    case Comparator::not_equal:
        return "!=";
    }
    return "";
}

} // namespace squall::slo
