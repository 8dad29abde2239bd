#include "integration/truth/closed_form.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <cmath>

namespace squall::truth {
namespace {

double share(Percentile p)
{
    return p.percent() / 100;
}

double load_of(Duration service, Rate rate)
{
    return to_seconds(service) * rate.per_second();
}

/// P(W ≤ t) of M/D/1, with t in units of D.
double md1_wait_probability(double t, double load)
{
    double sum = 0;
    for (int k = 0; k <= static_cast<int>(t); ++k) {
        const double x = load * (t - k);
        double term = std::exp(x);
        for (int factor = 1; factor <= k; ++factor) {
            term *= -x / factor;
        }
        sum += term;
    }
    return (1 - load) * sum;
}

} // namespace

Duration stall_delayed_quantile(Percentile p, Duration period, Duration stall, Duration service)
{
    const double held = to_seconds(stall) - to_seconds(period) * (1 - share(p));
    return service + from_seconds(std::max(0.0, held));
}

Duration stall_fifo_quantile(Percentile p, Duration period, Duration stall, Duration service, Rate rate)
{
    const double load = load_of(service, rate);
    SQUALL_ASSERT(to_seconds(stall) / (1 - load) <= to_seconds(period));
    const double held = to_seconds(stall) - (1 - load) * to_seconds(period) * (1 - share(p));
    return service + from_seconds(std::max(0.0, held));
}

Duration overload_wait_quantile(Percentile p, Duration length, Duration service, Rate rate)
{
    return from_seconds(share(p) * to_seconds(length) * (load_of(service, rate) - 1));
}

Duration md1_wait_quantile(Percentile p, Duration service, Rate rate)
{
    const double load = load_of(service, rate);
    double low = 0;
    double high = 30; // the alternating sum loses its digits far above this
    if (md1_wait_probability(0, load) >= share(p)) {
        return Duration::zero();
    }
    for (int step = 0; step < 60; ++step) {
        const double middle = (low + high) / 2;
        (md1_wait_probability(middle, load) < share(p) ? low : high) = middle;
    }
    return from_seconds(high * to_seconds(service));
}

Duration md1_mean_wait(Duration service, Rate rate)
{
    const double load = load_of(service, rate);
    return from_seconds(load * to_seconds(service) / (2 * (1 - load)));
}

Duration mm1_quantile(Percentile p, Duration mean_service, Rate rate)
{
    return from_seconds(-std::log(1 - share(p)) / (1 / to_seconds(mean_service) - rate.per_second()));
}

Duration exponential_quantile(Percentile p, Duration mean)
{
    return from_seconds(-std::log(1 - share(p)) * to_seconds(mean));
}

Duration quantile_of(std::vector<Duration> samples, Percentile p)
{
    const auto rank = static_cast<std::size_t>(std::ceil(share(p) * static_cast<double>(samples.size()) - 1e-9));
    const auto place = samples.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
    std::nth_element(samples.begin(), place, samples.end());
    return *place;
}

} // namespace squall::truth
