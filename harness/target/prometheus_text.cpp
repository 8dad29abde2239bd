#include "target/prometheus_text.hpp"

#include <fmt/format.h>

#include <iterator>

namespace squall::target {
namespace {

/// In help texts \ and line feeds are escaped, in label values also ".
std::string escape(std::string_view text, bool label)
{
    std::string escaped;
    for (const char c : text) {
        if (c == '\\') {
            escaped += "\\\\";
        } else if (c == '\n') {
            escaped += "\\n";
        } else if (c == '"' && label) {
            escaped += "\\\"";
        } else {
            escaped += c;
        }
    }
    return escaped;
}

} // namespace

void PrometheusText::family(std::string_view name, std::string_view type, std::string_view help)
{
    fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, escape(help, false), name, type);
}

void PrometheusText::sample(std::string_view name, const Labels& labels, double value)
{
    text_ += name;
    char separator = '{';
    for (const auto& [label, content] : labels) {
        fmt::format_to(std::back_inserter(text_), "{}{}=\"{}\"", separator, label, escape(content, true));
        separator = ',';
    }
    fmt::format_to(std::back_inserter(text_), "{} {}\n", labels.empty() ? "" : "}", value);
}

void PrometheusText::histogram(std::string_view name, const Labels& labels, const Histogram& histogram)
{
    const std::string bucket = fmt::format("{}_bucket", name);
    const auto write = [&](std::string bound, std::uint64_t count) {
        auto with_bound = labels;
        with_bound.emplace_back("le", std::move(bound));
        sample(bucket, with_bound, static_cast<double>(count));
    };
    for (const auto& [bound, count] : histogram.buckets) {
        write(fmt::format("{}", bound), count);
    }
    write("+Inf", histogram.count);
    sample(fmt::format("{}_sum", name), labels, histogram.sum);
    sample(fmt::format("{}_count", name), labels, static_cast<double>(histogram.count));
}

void PrometheusText::single(std::string_view name, std::string_view type, std::string_view help, double value)
{
    family(name, type, help);
    sample(name, {}, value);
}

} // namespace squall::target
