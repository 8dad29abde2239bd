#include "analysis/amount.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "slo/judge.hpp"

#include <algorithm>
#include <cmath>

namespace squall::slo {
namespace {

/// A leak in the check's own unit.
struct Pace {
    const analysis::Estimate* rate = nullptr; // null: no exposure, or a floor is missing
    double upper = 0;                         // one-sided 95 %
    std::string over;                         // "/h"
    std::string exposure;                     // "60s of load"
    std::string needed;                       // exposure that a run without a leak needs
};

Pace pace_of(const Check& check, const analysis::LeakEstimate& estimate)
{
    const auto& leak = estimate.residual;
    const double kept_nothing = leak.kind == analysis::GaugeKind::memory
                                    ? leak.upper - std::max(leak.residual.value, 0.0)
                                    : analysis::one_sided_upper_count(0);
    const double needed = check.bound > 0 ? kept_nothing / check.bound : 0;
    Pace pace;
    if (check.unit == BoundUnit::per_hour) {
        pace.over = "/h";
        pace.rate = estimate.per_hour() ? &*estimate.per_hour() : nullptr;
        pace.upper = leak.upper_per_hour.value_or(0);
        pace.exposure = fmt::format("{} of load", format_duration(from_seconds(leak.exposure.hours * 3600)));
        pace.needed = fmt::format("{:.1f} h of load", needed);
    } else {
        pace.over = "/1000ops";
        pace.rate = estimate.per_1000_operations() ? &*estimate.per_1000_operations() : nullptr;
        pace.upper = leak.upper_per_1000_operations.value_or(0);
        pace.exposure = fmt::format("{} operations", format_thousands(std::llround(leak.exposure.operations)));
        pace.needed = fmt::format("{} operations", format_thousands(std::llround(needed * 1000)));
    }
    return pace;
}

std::string measured_text(const analysis::LeakEstimate& leak, const Pace& pace)
{
    const auto amount = [&](double value) { return analysis::format_amount(leak.residual.kind, value); };
    if (pace.rate->low <= 0) {
        return fmt::format("< {}{} at 95 %", amount(pace.upper), pace.over);
    }
    return fmt::format("{}{} ({} to {})", amount(pace.rate->value), pace.over, amount(pace.rate->low),
                       amount(*pace.rate->high));
}

/// Neither met nor missed, unless the check demands proof.
Verdict not_shown(const Check& check, std::string measured, std::string why)
{
    auto verdict = missed(check, std::move(why));
    verdict.measured = std::move(measured);
    if (check.certified) {
        verdict.why += "; certified demands proof";
    } else {
        verdict.outcome = Outcome::not_shown;
    }
    return verdict;
}

/// What is held is known to be no leak, so its rate is none either.
bool is_explained(const analysis::LeakEstimate& leak)
{
    using analysis::LeakVerdict;
    return leak.within_cap || leak.verdict == LeakVerdict::filling || leak.verdict == LeakVerdict::grows_but_releases;
}

Verdict undecided(const Check& check, const analysis::LeakEstimate& leak, const Pace& pace)
{
    const auto measured = measured_text(leak, pace);
    if (is_explained(leak)) {
        return not_shown(check, measured,
                         leak.what_more.empty() ? leak.why : fmt::format("{}; needed: {}", leak.why, leak.what_more));
    }
    if (pace.rate->low > 0) {
        return not_shown(check, measured, fmt::format("{}; the interval holds the bound", leak.why));
    }
    if (check.bound <= 0) {
        return not_shown(check, measured, "no run of any length can show a leak of exactly 0");
    }
    return not_shown(check, measured,
                     fmt::format("reached after {}; showing {} {} takes {} without a leak", pace.exposure,
                                 check.comparator == Comparator::less ? "<" : "<=", check.bound_text, pace.needed));
}

} // namespace

Verdict judge_leak(const Check& check, const Facts& facts)
{
    const auto found = facts.leaks.find(check.selector);
    if (found == facts.leaks.end()) {
        return facts.gauges.contains(check.selector)
                   ? missed(check, "this gauge is neither a count of things held nor memory: it cannot leak")
                   : no_such_gauge(check, check.selector, facts);
    }
    const auto& leak = found->second;
    if (leak.verdict == analysis::LeakVerdict::not_enough_data) {
        return not_shown(check, "",
                         leak.what_more.empty() ? leak.why : fmt::format("{}; needed: {}", leak.why, leak.what_more));
    }
    const auto pace = pace_of(check, leak);
    if (pace.rate == nullptr) {
        return missed(check, "there was no load");
    }
    auto verdict = missed(check, leak.why);
    verdict.measured = measured_text(leak, pace);
    if (leak.verdict == analysis::LeakVerdict::confirmed || (pace.rate->low > check.bound && !is_explained(leak))) {
        return verdict;
    }
    if (holds(pace.upper, check.comparator, check.bound)) {
        verdict.outcome = Outcome::met;
        verdict.why = fmt::format("{} after {}", leak.why, pace.exposure);
        return verdict;
    }
    return undecided(check, leak, pace);
}

} // namespace squall::slo
