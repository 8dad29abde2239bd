#include "analysis/leak.hpp"

#include "analysis/floor.hpp"
#include "analysis/soundness.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace squall::analysis {
namespace {

using measure::Phase;

/// The cycles that one process lived through from its rest before to its rest behind.
struct Judged {
    std::optional<Rest> before; // in front of the first of them
    std::vector<LeakCycle> cycles;
    std::string nothing; // why there are none
};

bool is_complete(const LeakCycle& cycle)
{
    return cycle.quiesce && cycle.quiesce->span.end > cycle.quiesce->span.begin;
}

Judged choose_cycles(const LeakInput& input)
{
    Judged judged;
    judged.before = input.settle;
    const auto last = std::ranges::max_element(input.restarts, {}, &Restart::at_seconds);
    const bool restarted = last != input.restarts.end();
    for (const auto& cycle : input.cycles) {
        if (!is_complete(cycle) && !judged.cycles.empty()) {
            break; // the run ended in it; the ones before it are whole
        }
        const auto rest_begin = judged.before ? judged.before->span.begin : cycle.load.begin;
        if (!restarted || rest_begin > last->at_seconds) {
            judged.cycles.push_back(cycle);
        } else {
            judged.before = cycle.quiesce;
        }
    }
    if (judged.cycles.empty()) {
        judged.nothing = restarted ? fmt::format("{} was started anew at {:.0f} s, and no whole cycle of load and rest "
                                                 "followed",
                                                 last->who, last->at_seconds)
                                   : "there was no load";
    }
    return judged;
}

Exposure exposure_of(const LeakCycle& cycle)
{
    return {(cycle.load.end - cycle.load.begin) / 3600, cycle.operations};
}

Exposure exposure_of(const std::vector<LeakCycle>& cycles)
{
    Exposure all;
    for (const auto& cycle : cycles) {
        const auto one = exposure_of(cycle);
        all.hours += one.hours;
        all.operations += one.operations;
    }
    return all;
}

std::vector<PhaseSpan> phases_of(const Judged& judged)
{
    std::vector<PhaseSpan> phases;
    if (judged.before) {
        phases.push_back({Phase::settle, judged.before->span.begin, judged.before->span.end});
    }
    for (const auto& cycle : judged.cycles) {
        phases.push_back({Phase::load, cycle.load.begin, cycle.load.end});
        if (cycle.quiesce) {
            phases.push_back({Phase::quiesce, cycle.quiesce->span.begin, cycle.quiesce->span.end});
        }
    }
    return phases;
}

/// Before every level that is compared.
bool all_collected(const Judged& judged)
{
    return judged.before && judged.before->collected && std::ranges::all_of(judged.cycles, [](const LeakCycle& cycle) {
               return cycle.quiesce && cycle.quiesce->collected;
           });
}

/// The counts of one load, from its own begin on.
std::vector<double> operations_in(const LeakInput& input, const PhaseSpan& load)
{
    const double operations_begin = input.cycles.front().load.begin;
    const auto first = static_cast<std::size_t>(std::max(0.0, load.begin - operations_begin));
    const auto count = static_cast<std::size_t>(std::ceil(load.end - load.begin));
    if (first >= input.operations.size()) {
        return {};
    }
    const double before = first == 0 ? 0 : input.operations[first - 1];
    std::vector<double> slice;
    for (std::size_t at = first; at < std::min(first + count, input.operations.size()); ++at) {
        slice.push_back(input.operations[at] - before);
    }
    return slice;
}

Trend trend_of(const LeakInput& input, const Judged& judged)
{
    const auto& load = judged.cycles.back().load;
    const auto operations = operations_in(input, load);
    return estimate_trend({input.series, load, operations, false});
}

/// Settled levels before the first and after every cycle; shorter where one did not settle.
std::vector<double> levels_of(const LeakInput& input, const Judged& judged, const ResidualEstimate& residual)
{
    std::vector<double> levels;
    if (!residual.baseline) {
        return levels;
    }
    levels.push_back(residual.baseline->value);
    for (const auto& cycle : judged.cycles) {
        const auto reading = is_complete(cycle) ? read_rest(input.series, cycle.quiesce->span, "") : FloorReading{};
        if (!reading.floor || (!reading.problem.empty() && !reading.falling)) {
            break;
        }
        levels.push_back(reading.floor->value);
    }
    return levels;
}

std::vector<CycleDose> doses_of(const Judged& judged, const std::vector<double>& levels)
{
    std::vector<CycleDose> kept;
    for (std::size_t at = 1; at < levels.size(); ++at) {
        kept.push_back({judged.cycles[at - 1].load, levels[at] - levels[at - 1]});
    }
    return kept;
}

std::vector<GaugePoint> floor_line(const LeakInput& input, const Judged& judged, const ResidualEstimate& residual)
{
    std::vector<GaugePoint> line;
    if (residual.baseline) {
        line.push_back({residual.baseline->end, residual.baseline->value});
    }
    for (const auto& cycle : judged.cycles) {
        const auto blocks =
            cut_into_blocks(points_between(input.series.points, cycle.load.begin, cycle.load.end), input.series.kind);
        for (std::size_t block = 0; block < blocks.values.size(); ++block) {
            line.push_back({blocks.times[block], blocks.values[block]});
        }
        const auto rest = is_complete(cycle) ? read_rest(input.series, cycle.quiesce->span, "") : FloorReading{};
        if (rest.floor) {
            line.push_back({rest.floor->end, rest.floor->value});
        }
    }
    return line;
}

void take_ratchet(const LeakInput& input, const Judged& judged, const std::vector<double>& levels,
                  LeakEstimate& estimate)
{
    std::vector<Exposure> doses;
    doses.reserve(judged.cycles.size());
    for (const auto& cycle : judged.cycles) {
        doses.push_back(exposure_of(cycle));
    }
    RatchetInput ratchet{input.series.kind, 0, {}, doses, estimate.residual.residual.low, true, input.declared_cap};
    ratchet.collected = !input.garbage_collected || (all_collected(judged) && !is_resident(input.series.name));
    if (!levels.empty()) {
        ratchet.baseline = levels.front();
        ratchet.levels = std::span(levels).subspan(1);
    }
    estimate.ratchet = judge_ratchet(ratchet);
}

void take_verdict(const LeakInput& input, const Judged& judged, LeakEstimate& estimate)
{
    const bool may_be_garbage =
        input.garbage_collected && input.series.kind == GaugeKind::memory && !all_collected(judged);
    auto cycle = judge_cycle({estimate.residual, estimate.trend, input.declared_cap, may_be_garbage});
    estimate.verdict = cycle.verdict;
    estimate.why = std::move(cycle.why);
    estimate.what_more = std::move(cycle.what_more);
    if (!estimate.ratchet || cycle.verdict == LeakVerdict::not_enough_data) {
        return;
    }
    const auto& ratchet = *estimate.ratchet;
    if (ratchet.verdict == LeakVerdict::not_enough_data) {
        estimate.why += fmt::format("; its cycles cannot be compared: {}", ratchet.why);
        estimate.ratchet.reset();
        return;
    }
    if (ratchet.verdict != LeakVerdict::no_leak) {
        estimate.verdict = ratchet.verdict;
        estimate.why = ratchet.why;
        estimate.what_more = ratchet.what_more;
    } else if (is_leak(cycle.verdict)) { // one load speaks for it and the others do not
        estimate.verdict = LeakVerdict::unclear;
        estimate.why = fmt::format("{}; but over the cycles: {}", estimate.why, ratchet.why);
    }
}

/// A leak ends where it has used up what there is.
void doubt_filling(const Judged& judged, LeakEstimate& estimate)
{
    double operations = 0;
    double failed = 0;
    for (const auto& cycle : judged.cycles) {
        operations += cycle.operations;
        failed += cycle.failed;
    }
    constexpr double most_failed = 0.05;
    if (estimate.verdict == LeakVerdict::filling && failed > most_failed * operations) {
        estimate.verdict = LeakVerdict::retained;
        estimate.why += fmt::format("; but {:.0f} % of the operations failed: did it use up what there is?",
                                    100 * failed / operations);
        estimate.what_more = "a load that the service survives: a shorter one, or a higher limit";
    }
}

} // namespace

bool is_leak(LeakVerdict verdict)
{
    return verdict == LeakVerdict::suspected || verdict == LeakVerdict::confirmed;
}

const std::optional<Estimate>& LeakEstimate::per_hour() const
{
    return ratchet && ratchet->per_hour ? ratchet->per_hour : residual.per_hour;
}

const std::optional<Estimate>& LeakEstimate::per_1000_operations() const
{
    return ratchet && ratchet->per_1000_operations ? ratchet->per_1000_operations : residual.per_1000_operations;
}

LeakEstimate estimate_leak(const LeakInput& input)
{
    LeakEstimate estimate;
    estimate.residual.gauge = input.series.name;
    estimate.residual.kind = input.series.kind;
    const auto judged = choose_cycles(input);
    auto problem = what_is_unsound(input.series);
    if (problem.empty()) {
        problem = judged.nothing;
    }
    if (!problem.empty()) {
        estimate.why = problem;
        estimate.residual.why = problem;
        return estimate;
    }
    const auto phases = phases_of(judged);
    estimate.residual = estimate_residual(
        {input.series, phases, exposure_of(judged.cycles), false, input.garbage_collected, all_collected(judged)});
    estimate.trend = trend_of(input, judged);
    const auto levels = levels_of(input, judged, estimate.residual);
    estimate.kept_by_cycle = doses_of(judged, levels);
    if (judged.cycles.size() == std::size(ratchet_doses)) {
        take_ratchet(input, judged, levels, estimate);
    }
    take_verdict(input, judged, estimate);
    doubt_filling(judged, estimate);
    estimate.within_cap = input.declared_cap && estimate.residual.residual.value <= *input.declared_cap;
    estimate.floor = floor_line(input, judged, estimate.residual);
    return estimate;
}

} // namespace squall::analysis
