// The parts of evaluate(), one file each.
#pragma once

#include "slo/evaluate.hpp"

namespace squall::slo {

[[nodiscard]] Verdict judge_latency(const Check& check, const Facts& facts);
[[nodiscard]] Verdict judge_counts(const Check& check,
                                   const Facts& facts); // error_rate, errors, requests, throughput, dropped
[[nodiscard]] Verdict judge_gauge(const Check& check, const Facts& facts);
[[nodiscard]] Verdict judge_leak(const Check& check, const Facts& facts);

/// The verdict with expression and bound filled in, and missed until something else is shown.
[[nodiscard]] Verdict open_verdict(const Check& check);
[[nodiscard]] Verdict missed(const Check& check, std::string why);
[[nodiscard]] Verdict no_samples(const Check& check);
/// met or missed by `measured`, shown as `text`.
[[nodiscard]] Verdict compared(const Check& check, double measured, std::string text);
/// The facts that the selector names; null: no such step.
[[nodiscard]] const StepFacts* facts_of(const Check& check, const Facts& facts);
[[nodiscard]] Verdict no_such_step(const Check& check, const Facts& facts);
[[nodiscard]] Verdict no_such_gauge(const Check& check, const std::string& name, const Facts& facts);

} // namespace squall::slo
