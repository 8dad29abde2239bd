#include "engine/omission_canary.hpp"

namespace squall::engine {
namespace {

constexpr int most_intervals = 1'000'000;

} // namespace

std::optional<result::OmissionCanary> omission_canary(const measure::Histogram& service, Duration interval)
{
    if (service.count() == 0 || interval <= service.max() / most_intervals) {
        return std::nullopt;
    }
    measure::Histogram corrected;
    for (const auto& [value, times] : service.values()) {
        corrected.record(value, times);
        for (auto missing = value - interval; missing >= interval; missing -= interval) {
            corrected.record(missing, times);
        }
    }
    const auto at = [](const measure::Histogram& histogram, double percent) {
        return to_seconds(histogram.value_at(Percentile::of(percent)));
    };
    result::OmissionCanary canary;
    canary.interval_seconds = to_seconds(interval);
    canary.longest_seconds = to_seconds(service.max());
    canary.omitted_requests = corrected.count() - service.count();
    canary.p99_seconds = at(corrected, 99);
    canary.p999_seconds = at(corrected, 99.9);
    return canary;
}

} // namespace squall::engine
