// Check + facts of a run → verdict. Only what happened in the load phase counts.
//
// A request that was given up, at its timeout or at the end of the load, is known to have taken at least its age: where
// a percentile or the maximum lies among these, no limit above it can be shown to hold, and the check is missed.
//
// met, missed or, for leaks, not_shown: too little data for either, which is no failure but never printed as met. A
// check without samples is missed: nothing passes for want of data. Arrivals that were dropped would have been the
// slowest: a percentile of the response time counts them as slower than anything measured. With several populations it
// is not known whose they were: then the percentiles of all steps count them, those of one step do not.
#pragma once

#include "analysis/leak.hpp"
#include "measure/histogram.hpp"
#include "slo/check.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace squall::slo {

/// Of the load phase. The histograms belong to the caller and outlive the evaluation; null: nothing measured.
struct StepFacts {
    const measure::Histogram* response = nullptr;
    const measure::Histogram* service = nullptr;
    const measure::Histogram* send_lag = nullptr;
    std::uint64_t requests = 0; // with failed ones
    std::uint64_t errors = 0;
    std::map<std::string, std::uint64_t> errors_by_kind;
    std::uint64_t recovered = 0; // late answers that polling found
    std::uint64_t lost = 0;      // and those that it did not
    std::uint64_t censored = 0;  // requests given up: their times are at least what was recorded
};

struct Facts {
    double load_seconds = 0;
    StepFacts all;
    std::map<std::string, StepFacts> steps;
    std::uint64_t dropped = 0;                           // iterations that could not start
    bool one_population = false;                         // then they are missing from each of its steps
    std::map<std::string, analysis::GaugeSeries> gauges; // points of the load phase only
    std::map<std::string, analysis::LeakEstimate> leaks; // of every COUNT and MEMORY gauge
};

enum class Outcome { met, missed, not_shown };

struct Verdict {
    std::string expression;
    Outcome outcome = Outcome::not_shown;
    std::string measured;                       // "412ms", "< 180/h at 95 %"; empty: nothing
    std::string bound;                          // "< 500ms"
    std::string why;                            // empty where measured and bound say it all
    std::optional<double> value = std::nullopt; // what `measured` shows, in the check's unit
    bool no_samples = false;                    // missed for want of data
};

[[nodiscard]] Verdict evaluate(const Check& check, const Facts& facts);

} // namespace squall::slo
