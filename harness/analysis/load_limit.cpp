#include "analysis/load_limit.hpp"

#include "base/quantity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace squall::analysis {
namespace {

using result::LimitTrial;
using result::RunOutcome;
using result::TrialOutcome;

/// Every missed SLO of a run, in its order.
std::string reason_of(const result::RunResult& run)
{
    if (run.verdict.outcome == RunOutcome::invalid) {
        return run.verdict.sentence;
    }
    std::string reason;
    for (const auto& slo : run.slos) {
        if (slo.outcome == result::SloOutcome::missed) {
            reason += fmt::format("{}{} ({})", reason.empty() ? "" : "; ", slo.expression,
                                  slo.measured.empty() ? slo.why : slo.measured);
        }
    }
    return reason.empty() && run.verdict.exit_code != 0 ? run.verdict.sentence : reason;
}

/// The trial at this level that says most about why it failed: the last that did.
const LimitTrial* failure_at(const result::LoadLimit& limit)
{
    const auto found = std::find_if(limit.trials.rbegin(), limit.trials.rend(), [&limit](const LimitTrial& trial) {
        return trial.outcome != TrialOutcome::held && limit.failed && std::abs(trial.level - *limit.failed) < 1e-9;
    });
    return found == limit.trials.rend() ? nullptr : &*found;
}

std::string sentence_of(const result::LoadLimit& limit, LimitSearchEnd end)
{
    const auto held = limit.held ? level_text(*limit.held, limit.unit) : "";
    const auto failed = limit.failed ? level_text(*limit.failed, limit.unit) : "";
    switch (end) {
    case LimitSearchEnd::found:
        return fmt::format("every SLO holds up to {}; at {}: {}", held, failed, limit.limited_by);
    case LimitSearchEnd::highest_holds:
        return fmt::format("every SLO holds up to {}, the highest load that was to be tried; raise --to", held);
    case LimitSearchEnd::none_holds:
        return fmt::format("even at {}, the lowest load that was to be tried: {}", failed, limit.limited_by);
    case LimitSearchEnd::out_of_trials:
        break;
    }
    return fmt::format("not narrowed down within {} trials: {}, {}", limit.trials.size(),
                       held.empty() ? "no level held" : "held at " + held,
                       failed.empty() ? "none failed" : fmt::format("failed at {}: {}", failed, limit.limited_by));
}

constexpr int exit_missed = 99;
constexpr int exit_invalid = 97;
constexpr int exit_interrupted = 130;

} // namespace

std::string level_text(double level, result::Unit unit)
{
    return unit == result::Unit::per_second
               ? format_rate(Rate::per_second(level))
               : fmt::format("{:.0f} user{}", std::ceil(level - 1e-9), level > 1 ? "s" : "");
}

LimitTrial limit_trial(double level, const result::RunResult& run)
{
    LimitTrial trial;
    trial.level = level;
    trial.reason = reason_of(run);
    trial.outcome = run.verdict.outcome == RunOutcome::invalid ? TrialOutcome::invalid
                    : run.verdict.exit_code == 0               ? TrialOutcome::held
                                                               : TrialOutcome::missed;
    trial.requests_per_second = run.totals.requests_per_second;
    trial.error_rate = run.totals.error_rate;
    if (run.all_steps.response.count > 0) {
        trial.p50_seconds = run.all_steps.response.p50_seconds;
        trial.p99_seconds = run.all_steps.response.p99_seconds;
    }
    trial.folder = run.run.folder;
    return trial;
}

void conclude_limit(result::LoadLimit& limit, const LimitSearch& search, double level_of_one, bool interrupted)
{
    const auto level = [level_of_one](std::optional<double> multiple) {
        return multiple ? std::optional(*multiple * level_of_one) : std::nullopt;
    };
    limit.held = level(search.held());
    limit.failed = level(search.failed());
    const auto* failure = failure_at(limit);
    limit.limited_by = failure == nullptr ? "" : failure->reason;
    if (interrupted) {
        limit.sentence = "interrupted; " + sentence_of(limit, LimitSearchEnd::out_of_trials);
        limit.exit_code = exit_interrupted;
        return;
    }
    const auto end = search.end();
    limit.sentence = sentence_of(limit, end);
    if (failure != nullptr && failure->outcome == TrialOutcome::invalid) {
        limit.sentence += "; this is the generator's limit, that of the system lies higher";
        limit.exit_code = exit_invalid;
    } else if (!limit.held) {
        limit.exit_code = exit_missed;
    }
}

} // namespace squall::analysis
