#include "engine/omission_canary.hpp"

namespace squall::engine {
namespace {

constexpr int most_intervals = 1'000'000;

/// Calls visit(value, times) for every value that the histogram keeps apart, from the lowest on.
template <typename Visit>
void for_each_value(const measure::Histogram& histogram, Visit visit)
{
    const auto total = histogram.count();
    for (std::uint64_t seen = 0; seen < total;) {
        const double next_rank = (static_cast<double>(seen) + 0.5) / static_cast<double>(total);
        const auto value = histogram.value_at(Percentile::of(next_rank * 100));
        const auto up_to_it = std::max(total - histogram.count_above(value), seen + 1);
        visit(value, up_to_it - seen);
        seen = up_to_it;
    }
}

} // namespace

std::optional<result::OmissionCanary> omission_canary(const measure::Histogram& service, Duration interval)
{
    if (service.count() == 0 || interval <= service.max() / most_intervals) {
        return std::nullopt;
    }
    measure::Histogram corrected;
    for_each_value(service, [&corrected, interval](Duration value, std::uint64_t times) {
        corrected.record(value, times);
        for (auto missing = value - interval; missing >= interval; missing -= interval) {
            corrected.record(missing, times);
        }
    });
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
