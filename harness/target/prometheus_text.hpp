// The Prometheus text exposition format, version 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace squall::target {

class PrometheusText {
public:
    using Labels = std::vector<std::pair<std::string_view, std::string>>;

    /// HELP and TYPE of the samples that follow. `type`: counter, gauge, histogram or summary.
    void family(std::string_view name, std::string_view type, std::string_view help);
    /// `name` is the family's, or for a summary its name with _sum or _count.
    void sample(std::string_view name, const Labels& labels, double value);
    /// A family of one sample without labels.
    void single(std::string_view name, std::string_view type, std::string_view help, double value);

    struct Histogram {
        std::vector<std::pair<double, std::uint64_t>> buckets; // upper bound → how many were at most that
        double sum = 0;
        std::uint64_t count = 0;
    };
    /// Buckets with the one without bound, sum and count of one source.
    void histogram(std::string_view name, const Labels& labels, const Histogram& histogram);

    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::string text_;
};

} // namespace squall::target
