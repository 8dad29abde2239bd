// The Prometheus text exposition format 0.0.4 as a client reads it
// (https://prometheus.io/docs/instrumenting/exposition_formats/). Pure.
#pragma once

#include "base/result.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall::probes {

using Labels = std::map<std::string, std::string, std::less<>>;

/// One line: a metric, its labels (escapes undone) and its value, which may be NaN or infinite.
struct PrometheusSample {
    std::string metric;
    Labels labels;
    double value = 0;
};

struct PrometheusText {
    std::vector<PrometheusSample> samples;
    /// The first line that could not be read, with its number; the others are there all the same.
    std::optional<std::string> problem;
};

[[nodiscard]] PrometheusText parse_prometheus(std::string_view text);

/// name, name{label="value",…}, or {…} without a name: labels must be equal, others may be anything. "by (label)"
/// behind it asks for the parts by that label too.
struct PrometheusSelector {
    std::string metric;
    Labels labels;
    std::string by; // empty: without parts

    [[nodiscard]] bool matches(const PrometheusSample& sample) const;
};

[[nodiscard]] Result<PrometheusSelector> parse_selector(std::string_view text);

/// The sum over matching samples whose value is finite; nothing when there is none, or when the sum is beyond all
/// bounds.
[[nodiscard]] std::optional<double> sum_of(const PrometheusSelector& selector,
                                           const std::vector<PrometheusSample>& samples);

} // namespace squall::probes
