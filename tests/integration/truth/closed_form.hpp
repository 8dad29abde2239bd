// What each schedule's latency is by theory, as quantile functions: the truth that a run is held against.
#pragma once

#include "base/quantity.hpp"
#include "base/time.hpp"

#include <vector>

namespace squall::truth {

/// s + max(0, S − T(1 − p)): held requests released together.
[[nodiscard]] Duration stall_delayed_quantile(Percentile p, Duration period, Duration stall, Duration service);
/// s + max(0, S − (1 − ρ)T(1 − p)), where ρ = s·rate and S/(1 − ρ) ≤ T.
[[nodiscard]] Duration stall_fifo_quantile(Percentile p, Duration period, Duration stall, Duration service, Rate rate);
/// Waiting after arrivals at uniform `rate` for `length`, each taking `service`: p·T·(ρ − 1), where ρ > 1.
[[nodiscard]] Duration overload_wait_quantile(Percentile p, Duration length, Duration service, Rate rate);
/// Waiting in M/D/1, by Erlang's formula: P(W ≤ t) = (1 − ρ) Σ_{k ≤ t/D} e^{λ(t − kD)} (−λ(t − kD))^k / k!
/// (A. K. Erlang, 1909; Tijms, "A First Course in Stochastic Models", 2003, 9.2). Good to 1 % for ρ ≤ 0.9 up to p99.
[[nodiscard]] Duration md1_wait_quantile(Percentile p, Duration service, Rate rate);
/// ρD / (2(1 − ρ)) (Pollaczek–Khinchine).
[[nodiscard]] Duration md1_mean_wait(Duration service, Rate rate);
/// −ln(1 − p)/(μ − λ): from arrival to answer.
[[nodiscard]] Duration mm1_quantile(Percentile p, Duration mean_service, Rate rate);
/// −ln(1 − p)/μ.
[[nodiscard]] Duration exponential_quantile(Percentile p, Duration mean);

/// The value at rank ⌈p·n⌉ of n > 0 samples, as HdrHistogram counts.
[[nodiscard]] Duration quantile_of(std::vector<Duration> samples, Percentile p);

} // namespace squall::truth
