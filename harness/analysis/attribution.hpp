// Which step, with which outcome, a growing gauge follows.
//
// Method, within one load, for a COUNT. After the first fifth of the load (pools fill then) time is cut into windows of
// 1 s, longer where the gauge is read less than twice a second. For the gauge, and for the cumulative count of every
// candidate at the very times at which the gauge was read, the mean level of each window is taken and differenced from
// window to window: a linear operation, so that gauge = dose · count holds for the differences too, and what comes and
// goes within a window averages out. For each candidate, at lags of 0, 0.5 and 1 s, the increments are fitted through
// the origin by generalised least squares with errors σ²(I + φD), D tridiagonal (2, −1): I is what a leak with a chance
// below 1 adds for good, D the noise of the level itself. φ is chosen by likelihood from a fixed grid. A rival without
// any candidate, growth at a constant pace, is fitted in the same way.
//
// Over four cycles or more, for a COUNT and for MEMORY: what each cycle kept against how often the candidate happened
// in it (dose_regression.hpp). The run varies the mix of its steps from cycle to cycle for this. Both log-likelihoods
// are added.
//
// Answer. The candidate of greatest likelihood is named when it beats the constant pace and every other candidate by a
// log-likelihood of 3 (a likelihood ratio of 20). Failing that, of those within 3 of the best the one that explains the
// growth by 1 or 2 units per event, to 2 % or 2 units (growth of at least 20), when it is the only one that does.
// Otherwise the candidates that cannot be told apart are listed, if one of them beats the constant pace; if none does,
// nothing is said.
//
// Limits. Candidates whose counts rise and fall together (two steps of one journey) cannot be told apart, nor, other
// than by a whole dose, can those of a constant pace. What a run can tell grows with its length: a minute shows a step
// that leaks at each of 10 events a second; where only every third event leaks it takes about three minutes. One cause
// is assumed: of two leaks the larger is found, its dose too high. A cause that is not among the candidates can be
// mistaken for one that goes along with it.
#pragma once

#include "analysis/series.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace squall::analysis {

/// How often a step ended in one way, up to the end of each second from the first load's begin on.
struct Candidate {
    std::string step;
    std::string outcome;            // "ok", a kind of error ("timeout"), or a status code ("401")
    std::vector<double> cumulative; // [i]: events from there to the end of second i
};

/// "login (401)".
[[nodiscard]] std::string name_of(const Candidate& candidate);

struct AttributionInput {
    const GaugeSeries& series;
    PhaseSpan load; // one, within which increments are followed
    std::span<const Candidate> candidates;
    /// What the gauge kept in all, where estimator B measured it; otherwise the rise over the load.
    std::optional<double> growth{};
    /// The cycles behind `growth`; empty: `load` alone.
    std::span<const CycleDose> cycles{};
    std::optional<double> counted_from{}; // seconds: where the candidates' counts begin; nothing: with `load`
};

struct Suspect {
    std::string name;
    double count = 0;       // events in all
    double per_event = 0;   // growth / count
    double correlation = 0; // of the whitened increments, or of the cycles, −1 … 1
    double likelihood = 0;  // log, above the constant pace
};

/// named: suspects[0] alone. ambiguous: all suspects, best first, cannot be told apart.
struct Attribution {
    enum class Answer { nothing, named, ambiguous };
    Answer answer = Answer::nothing;
    std::vector<Suspect> suspects;
    std::string text; // "1.0 per login (401)"; "login (401) and meals (ok) cannot be told apart"; why there is nothing
};

/// Nothing for a COUNT that grew by less than 5 units or has fewer than 8 windows, for MEMORY without four cycles.
[[nodiscard]] Attribution attribute(const AttributionInput& input);

/// As a reporter sees it; empty when there is nothing to say.
[[nodiscard]] std::optional<result::Attribution> to_result(const Attribution& attribution);

} // namespace squall::analysis
