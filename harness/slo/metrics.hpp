// The words of the SLO language, in one table.
#pragma once

#include "slo/check.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace squall::slo {

/// What may stand in brackets behind a metric.
enum class Selector { none, step, error_kind, gauge };

struct MetricInfo {
    Metric metric;
    std::string_view name;
    Selector selector;
    bool selector_needed;
    std::span<const Aggregation> aggregations; // empty: none is taken
    std::string_view expected_bound;           // for a person: "a time such as 500ms"
};

[[nodiscard]] const MetricInfo& info_of(Metric metric);
/// Null: there is no such metric.
[[nodiscard]] const MetricInfo* find_metric(std::string_view name);
[[nodiscard]] std::vector<std::string> metric_names();

/// "p99" for every percentile.
[[nodiscard]] std::string_view name_of(Aggregation aggregation);
[[nodiscard]] std::string_view name_of(Comparator comparator);

} // namespace squall::slo
