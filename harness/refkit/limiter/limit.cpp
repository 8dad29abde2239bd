#include "refkit/limiter/limit.hpp"

#include "refkit/mutants.hpp"

#include <algorithm>
#include <string_view>

namespace squall::refkit {
namespace {

Result<void> check_bounds(std::string_view who, std::size_t initial, std::size_t min, std::size_t max)
{
    if (min < 1) {
        return fail("{}: min must be at least 1, or nobody could prove that it may rise", who);
    }
    if (min > max) {
        return fail("{}: min is {}, but max only {}", who, min, max);
    }
    constexpr std::size_t most = 1'000'000;
    if (max > most) {
        return fail("{}: max must be at most {}", who, most);
    }
    if (initial < min || initial > max) {
        return fail("{}: the initial limit {} lies outside of {} to {}", who, initial, min, max);
    }
    return {};
}

Result<void> check_window(std::string_view who, const WindowParams& window)
{
    if (window.at_least <= Duration::zero() || window.samples < 1) {
        return fail("{}: a window must be longer than 0 and hold at least 1 sample", who);
    }
    return {};
}

} // namespace

std::optional<SampleWindow::Summary> SampleWindow::add(Instant now, const LimitSample& sample)
{
    // A window that begins in the future was begun before the clock jumped back.
    if (!begun_ || *begun_ > now) {
        begun_ = now;
    }
    if (sample.dropped) {
        ++summary_.dropped;
    } else {
        const auto round_trip = std::max(Duration(1), sample.round_trip);
        ++summary_.samples;
        sum_ += static_cast<double>(round_trip.count());
        summary_.longest = std::max(summary_.longest, round_trip);
    }
    summary_.most_in_flight = std::max(summary_.most_in_flight, sample.in_flight);
    if (now - *begun_ < params_.at_least || summary_.samples + summary_.dropped < params_.samples) {
        return std::nullopt;
    }
    if (summary_.samples > 0) {
        summary_.mean = Duration(static_cast<Duration::rep>(sum_ / static_cast<double>(summary_.samples)));
    }
    const auto full = summary_;
    summary_ = {};
    sum_ = 0;
    begun_.reset();
    return full;
}

Result<void> check(const AimdParams& params)
{
    if (auto bounds = check_bounds("AIMD limiter", params.initial, params.min, params.max); !bounds) {
        return bounds;
    }
    if (params.backoff.value() <= 0 || params.backoff.value() >= 1) {
        return fail("AIMD limiter: backoff must be between 0 and 1, not {}", params.backoff.value());
    }
    if (params.timeout <= Duration::zero()) {
        return fail("AIMD limiter: the timeout must be longer than 0");
    }
    return check_window("AIMD limiter", params.window);
}

AimdLimit::AimdLimit(AimdParams params)
    : params_((require_valid(check(params)), params)),
      window_(params.window),
      limit_(params.initial)
{}

void AimdLimit::sample(Instant now, const LimitSample& sample)
{
    const auto window = window_.add(now, sample);
    if (!window) {
        return;
    }
    if (window->dropped > 0 || window->longest > params_.timeout) {
        limit_ = static_cast<std::size_t>(static_cast<double>(limit_) * params_.backoff.value());
    } else if (window->most_in_flight * 2 >= limit_ || SQUALL_MUTANT(unused_limit_rises)) {
        ++limit_;
    }
    limit_ = std::clamp(limit_, params_.min, params_.max);
}

Result<void> check(const GradientParams& params)
{
    if (auto bounds = check_bounds("gradient limiter", params.initial, params.min, params.max); !bounds) {
        return bounds;
    }
    if (!(params.tolerance >= 1)) {
        return fail("gradient limiter: the tolerance must be at least 1, not {}", params.tolerance);
    }
    if (params.smoothing.value() <= 0) {
        return fail("gradient limiter: a smoothing of 0 would never learn");
    }
    if (!(params.queue >= 0)) {
        return fail("gradient limiter: the queue must not be negative");
    }
    if (params.long_window < 1) {
        return fail("gradient limiter: the long window must be at least 1");
    }
    return check_window("gradient limiter", params.window);
}

GradientLimit::GradientLimit(GradientParams params)
    : params_((require_valid(check(params)), params)),
      window_(params.window),
      estimate_(static_cast<double>(params.initial))
{}

/// The first ten windows count alike, so that the very first does not stay for ever.
void GradientLimit::learn(double round_trip)
{
    constexpr std::uint32_t warmup = 10;
    learned_ += learned_ < warmup ? 1U : 0U;
    const auto weight = learned_ < warmup ? 1.0 / learned_ : 2.0 / (params_.long_window + 1.0);
    long_ += (round_trip - long_) * weight;
    // After a long overload the mean comes down faster than it forgets by itself.
    if (long_ > 2 * round_trip) {
        long_ *= 0.95;
    }
}

void GradientLimit::sample(Instant now, const LimitSample& sample)
{
    const auto window = window_.add(now, sample);
    if (!window) {
        return;
    }
    const bool mostly_dropped = window->dropped > window->samples;
    const auto round_trip = static_cast<double>(window->mean.count());
    if (!mostly_dropped) {
        learn(round_trip);
    }
    if (static_cast<double>(window->most_in_flight) < estimate_ / 2) {
        return;
    }
    const auto gradient = mostly_dropped ? 0.5 : std::clamp(params_.tolerance * long_ / round_trip, 0.5, 1.0);
    const auto wanted = estimate_ * gradient + params_.queue;
    const auto smoothing = params_.smoothing.value();
    estimate_ = std::clamp(estimate_ * (1 - smoothing) + wanted * smoothing, static_cast<double>(params_.min),
                           static_cast<double>(params_.max));
}

Result<void> check(const FixedLimit::Params& params)
{
    return check_bounds("concurrency limiter", params.limit, params.limit, params.limit);
}

FixedLimit::FixedLimit(Params params) : limit_((require_valid(check(params)), params.limit)) {}

Result<void> check(const LimitParams& params)
{
    return std::visit([](const auto& chosen) { return check(chosen); }, params);
}

namespace {

using Algorithm = std::variant<FixedLimit, AimdLimit, GradientLimit>;

Algorithm make_algorithm(const FixedLimit::Params& params)
{
    return FixedLimit(params);
}
Algorithm make_algorithm(const AimdParams& params)
{
    return AimdLimit(params);
}
Algorithm make_algorithm(const GradientParams& params)
{
    return GradientLimit(params);
}

} // namespace

Limit::Limit(const LimitParams& params)
    : algorithm_(std::visit([](const auto& chosen) { return make_algorithm(chosen); }, params))
{}

void Limit::sample(Instant now, const LimitSample& sample)
{
    std::visit([&](auto& algorithm) { algorithm.sample(now, sample); }, algorithm_);
}

std::size_t Limit::value() const
{
    return std::visit([](const auto& algorithm) { return algorithm.limit(); }, algorithm_);
}

} // namespace squall::refkit
