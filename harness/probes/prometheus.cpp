#include "probes/prometheus.hpp"

#include "base/text.hpp"
#include "probes/gauge_name.hpp"
#include "probes/prometheus_text.hpp"
#include "wire/http_get.hpp"
#include "wire/url.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace squall::probes {
namespace {

/// Of every official client library, seconds since the epoch.
constexpr std::string_view start_metric = "process_start_time_seconds";

struct SelectedGauge {
    std::string name; // whole
    std::string source;
    PrometheusSelector selector;
    std::optional<Breakdown> parts; // by the selector's label
};

class PrometheusProbe final : public Probe {
public:
    PrometheusProbe(std::string name, std::string url, std::vector<SelectedGauge> gauges, bool verify_tls)
        : name_(std::move(name)),
          url_(std::move(url)),
          gauges_(std::move(gauges)),
          verify_tls_(verify_tls)
    {}

    const std::string& name() const override { return name_; }

    Task<ProbeReading> read(Instant deadline) override
    {
        const auto answer = co_await wire::http_get(url_, deadline, verify_tls_);
        if (!answer) {
            co_return failed_reading(answer.error().message);
        }
        if (answer->status < 200 || answer->status > 299) {
            co_return failed_reading(fmt::format("{} answered with status {}", redact(url_), answer->status));
        }
        co_return select(answer->body);
    }

private:
    ProbeReading select(std::string_view body)
    {
        const auto page = parse_prometheus(body);
        ProbeReading reading;
        std::vector<std::string> failures;
        if (page.problem) {
            failures.push_back(*page.problem);
        }
        for (auto& gauge : gauges_) {
            const auto sum = sum_of(gauge.selector, page.samples);
            if (sum) {
                reading.gauges.push_back({gauge.name, *sum});
                add_parts(gauge, page.samples, reading);
            } else {
                failures.push_back(fmt::format("{}: no series matches {}", gauge.name, gauge.source));
            }
        }
        add_start(page.samples, reading);
        if (!failures.empty()) {
            reading.failure = join(failures, "; ");
        }
        return reading;
    }

    static void add_parts(SelectedGauge& gauge, const std::vector<PrometheusSample>& samples, ProbeReading& reading)
    {
        if (!gauge.parts) {
            return;
        }
        for (const auto& sample : samples) {
            if (std::isfinite(sample.value) && gauge.selector.matches(sample)) {
                const auto label = sample.labels.find(gauge.selector.by);
                gauge.parts->add(label == sample.labels.end() ? std::string_view() : label->second, sample.value);
            }
        }
        gauge.parts->take(reading.gauges);
    }

    /// A page of several processes does not say when the service began.
    void add_start(const std::vector<PrometheusSample>& samples, ProbeReading& reading) const
    {
        const auto gauge = name_ + ".started_at";
        const auto is_start = [](const PrometheusSample& sample) { return sample.metric == start_metric; };
        const auto first = std::ranges::find_if(samples, is_start);
        const bool named = std::ranges::find(gauges_, gauge, &SelectedGauge::name) != gauges_.end();
        if (!named && std::ranges::count_if(samples, is_start) == 1 && std::isfinite(first->value)) {
            reading.gauges.push_back({gauge, first->value});
        }
    }

    std::string name_;
    std::string url_;
    std::vector<SelectedGauge> gauges_;
    bool verify_tls_;
};

} // namespace

Result<std::unique_ptr<Probe>> make_prometheus_probe(std::string name, std::string url,
                                                     std::map<std::string, std::string> gauges, bool verify_tls)
{
    const auto parsed = wire::parse_url(url);
    if (!parsed) {
        return fail("probe {}: {}", name, parsed.error().message);
    }
    std::vector<SelectedGauge> selected;
    for (const auto& [gauge, source] : gauges) {
        auto selector = parse_selector(source);
        if (!selector) {
            return fail("probe {}: gauge {}: {}", name, gauge, selector.error().message);
        }
        const auto whole = fmt::format("{}.{}", name, gauge);
        const auto parts = selector->by.empty() ? std::nullopt : std::optional(Breakdown(whole, selector->by));
        selected.push_back({whole, source, std::move(*selector), parts});
    }
    return std::unique_ptr<Probe>(
        std::make_unique<PrometheusProbe>(std::move(name), std::move(url), std::move(selected), verify_tls));
}

} // namespace squall::probes
