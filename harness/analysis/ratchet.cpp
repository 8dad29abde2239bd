#include "analysis/ratchet.hpp"

#include "analysis/amount.hpp"
#include "base/text.hpp"

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace squall::analysis {
namespace {

constexpr std::size_t cycles = std::size(ratchet_doses);
constexpr double filling_level = 0.005;
constexpr double filling_share = 0.5;
constexpr double batched = 2; // variance over mean

double sum(std::span<const double> values)
{
    return std::accumulate(values.begin(), values.end(), 0.0);
}

/// What each cycle kept.
std::vector<double> increments(const RatchetInput& input)
{
    std::vector<double> kept{input.levels[0] - input.baseline};
    for (std::size_t cycle = 1; cycle < input.levels.size(); ++cycle) {
        kept.push_back(input.levels[cycle] - input.levels[cycle - 1]);
    }
    return kept;
}

bool sets_records(std::span<const double> levels)
{
    return std::adjacent_find(levels.begin(), levels.end(), std::greater_equal<>{}) == levels.end();
}

/// The last cycle's share of all doses behind the first.
double last_share(std::span<const double> doses)
{
    return doses.back() / sum(doses.subspan(1));
}

/// P(the last cycle keeps so few or fewer), were all that was kept in proportion to the dose.
double filling_chance(std::span<const double> kept, std::span<const double> doses)
{
    const double all = std::round(sum(kept.subspan(1)));
    const double last = std::max(std::round(kept.back()), 0.0);
    return all <= 0 ? 1 : boost::math::cdf(boost::math::binomial(all, last_share(doses)), std::min(last, all));
}

bool is_filling(GaugeKind kind, std::span<const double> kept, std::span<const double> doses, double chance)
{
    if (kind == GaugeKind::count) {
        return chance < filling_level;
    }
    const auto before = kept.subspan(1, cycles - 2);
    const double rate_before = sum(before) / sum(doses.subspan(1, cycles - 2));
    return rate_before > 0 && kept.back() / doses.back() < filling_share * rate_before;
}

/// Student's t over the rates of the equal cycles and the large one, each a rate of its own.
Estimate over_cycles(std::span<const double> kept, std::span<const double> doses)
{
    std::vector<double> rates;
    for (std::size_t cycle = 0; cycle < kept.size(); ++cycle) {
        rates.push_back(kept[cycle] / doses[cycle]);
    }
    const auto count = static_cast<double>(rates.size());
    const double mean = sum(rates) / count;
    double squares = 0;
    for (const double rate : rates) {
        squares += (rate - mean) * (rate - mean);
    }
    const double error = std::sqrt(squares / (count - 1) / count);
    const double half = boost::math::quantile(boost::math::students_t(count - 1), 0.975) * error;
    return {mean, mean - half, mean + half};
}

bool comes_in_batches(std::span<const double> kept)
{
    const auto equal = kept.first(cycles - 1);
    const double mean = sum(equal) / static_cast<double>(equal.size());
    double squares = 0;
    for (const double value : equal) {
        squares += (value - mean) * (value - mean);
    }
    return mean > 0 && squares / static_cast<double>(equal.size() - 1) / mean > batched;
}

/// `unit` takes an exposure to the unit of the rate.
template <typename Unit>
std::optional<Estimate> rate_of(const RatchetInput& input, std::span<const double> kept, Unit unit)
{
    std::vector<double> doses;
    for (const auto& dose : input.doses) {
        doses.push_back(unit(dose));
    }
    if (std::ranges::any_of(doses, [](double dose) { return dose <= 0; })) {
        return std::nullopt;
    }
    if (input.kind == GaugeKind::memory || comes_in_batches(kept)) {
        return over_cycles(kept, doses);
    }
    const double all = sum(doses);
    const auto counted = garwood_interval(std::max(sum(kept), 0.0));
    return Estimate{sum(kept) / all, counted.low / all, *counted.high / all};
}

LeakVerdict verdict_of(const RatchetInput& input, const Ratchet& ratchet, bool filling, double kept)
{
    if (input.declared_cap && kept > *input.declared_cap) {
        return LeakVerdict::confirmed;
    }
    const auto rate = ratchet.per_hour ? ratchet.per_hour : ratchet.per_1000_operations;
    if (input.residual_low <= 0) {
        return LeakVerdict::no_leak;
    }
    if (input.declared_cap) {
        return LeakVerdict::retained;
    }
    if (filling) {
        return LeakVerdict::filling;
    }
    if (!ratchet.records || !rate || rate->low <= 0) {
        return LeakVerdict::retained;
    }
    return input.kind == GaugeKind::memory && !input.collected ? LeakVerdict::suspected : LeakVerdict::confirmed;
}

std::string why(const RatchetInput& input, const Ratchet& ratchet, double kept)
{
    const auto amount = [&](double value) { return format_amount(input.kind, value); };
    const auto total = fmt::format("{} kept over {} cycles", amount(kept), input.levels.size());
    double operations = 0;
    for (const auto& dose : input.doses) {
        operations += dose.operations;
    }
    const auto limit = fmt::format("a cache that takes more than {} operations to fill looks the same",
                                   format_thousands(std::llround(0.65 * operations)));
    switch (ratchet.verdict) {
    case LeakVerdict::confirmed:
        return input.declared_cap
                   ? fmt::format("{}, more than its declared cap of {}", total, amount(*input.declared_cap))
                   : fmt::format("{}, more after each, in proportion to the load; {}", total, limit);
    case LeakVerdict::suspected:
        return fmt::format("{}, more after each; its levels were not taken after a collection", total);
    case LeakVerdict::filling:
        return fmt::format("{}, ever fewer for the same load", total);
    case LeakVerdict::retained:
        return input.declared_cap ? fmt::format("{}, within its declared cap of {}", total, amount(*input.declared_cap))
                                  : fmt::format("{}, but not more after each", total);
    default:
        return fmt::format("{}: none beyond chance", total);
    }
}

std::string what_more(const Ratchet& ratchet)
{
    switch (ratchet.verdict) {
    case LeakVerdict::suspected:
        return "a hook that makes its runtime collect: service.NAME.gc in [stack]";
    case LeakVerdict::filling:
    case LeakVerdict::retained:
        return "a longer duration: does it reach a level? What it may hold can be declared in declared_caps";
    default:
        return {};
    }
}

} // namespace

Ratchet judge_ratchet(const RatchetInput& input)
{
    Ratchet ratchet;
    if (input.kind == GaugeKind::other) {
        ratchet.why = "it is neither a count of things held nor memory";
        return ratchet;
    }
    if (input.levels.size() != cycles || input.doses.size() != cycles) {
        ratchet.why = fmt::format("{} of {} cycles settled", input.levels.size(), cycles);
        return ratchet;
    }
    const auto kept = increments(input);
    ratchet.records = sets_records(input.levels.first(cycles - 1));
    std::vector<double> doses;
    for (const auto& dose : input.doses) {
        doses.push_back(dose.operations > 0 ? dose.operations : dose.hours);
    }
    ratchet.filling_p = input.kind == GaugeKind::count ? filling_chance(kept, doses) : 1;
    ratchet.per_hour = rate_of(input, kept, [](const Exposure& dose) { return dose.hours; });
    ratchet.per_1000_operations = rate_of(input, kept, [](const Exposure& dose) { return dose.operations / 1000; });
    ratchet.verdict = verdict_of(input, ratchet, is_filling(input.kind, kept, doses, ratchet.filling_p), sum(kept));
    ratchet.why = why(input, ratchet, sum(kept));
    ratchet.what_more = input.declared_cap ? "" : what_more(ratchet);
    return ratchet;
}

} // namespace squall::analysis
