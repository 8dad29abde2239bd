#include "engine/leak_check.hpp"

#include "analysis/residual.hpp"
#include "base/text.hpp"
#include "engine/arrival_models.hpp"
#include "plan/cycles.hpp"
#include "slo/check.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace squall::engine {
namespace {

using scenario::LeakCheck;

constexpr double seconds_an_hour = 3600;
// statistics.md 1, amendment 1: no cycle sees less of a garbage-collected process's memory.
constexpr double least_memory = 24'000'000;

struct LeakBound {
    std::string expression;
    double bound = 0;
    bool per_operations = false; // per 1000 of them; else per hour
    bool memory = false;

    /// Hours, or thousands of operations, in which a run that keeps nothing meets it.
    [[nodiscard]] double exposure() const { return memory ? least_memory / bound : analysis::exposure_to_show(bound); }
};

std::vector<LeakBound> leak_bounds(const std::vector<scenario::Check>& checks)
{
    std::vector<LeakBound> bounds;
    for (const auto& check : checks) {
        const auto parsed = slo::parse(check.expression);
        const bool from_above = parsed && (parsed->comparator == slo::Comparator::less ||
                                           parsed->comparator == slo::Comparator::less_or_equal);
        if (from_above && parsed->metric == slo::Metric::leak && parsed->bound > 0) {
            bounds.push_back({check.expression, parsed->bound, parsed->unit == slo::BoundUnit::per_1000_operations,
                              analysis::kind_of(parsed->selector) == analysis::GaugeKind::memory});
        }
    }
    return bounds;
}

/// Of one dose: hours, or thousands of operations; nothing where these cannot be known.
std::optional<double> exposure_of_dose(const plan::Plan& plan, bool per_operations)
{
    if (!per_operations) {
        return to_seconds(plan.phases.load) / seconds_an_hour;
    }
    const auto operations = planned_operations(plan);
    return operations && *operations > 0 ? std::optional(*operations / 1000) : std::nullopt;
}

bool is_straight(const plan::Population& population)
{
    return std::ranges::all_of(population.journey, [](const plan::Instruction& instruction) {
        return std::holds_alternative<plan::Perform>(instruction) || std::holds_alternative<plan::Wait>(instruction);
    });
}

/// "< 13.8/h", "< 13.8/h and < 0.25/1000ops".
std::string best_bound(const plan::Plan& plan)
{
    const double doses = plan.phases.doses();
    const double kept = analysis::one_sided_upper_count(0);
    auto text = fmt::format("< {}/h", format_significant(kept / (doses * *exposure_of_dose(plan, false))));
    if (const auto thousands = exposure_of_dose(plan, true)) {
        text += fmt::format(" and < {}/1000ops", format_significant(kept / (doses * *thousands)));
    }
    return text;
}

std::string doses_text(const plan::Plan& plan)
{
    std::vector<int> doses;
    doses.reserve(plan.phases.cycles.size());
    for (const auto& cycle : plan.phases.cycles) {
        doses.push_back(cycle.repeats);
    }
    return fmt::format("{} cycles, doses {}; takes {}", doses.size(), fmt::join(doses, " "),
                       format_duration(plan.phases.total()));
}

std::string unknown_operations(const LeakBound& bound)
{
    return fmt::format(
        "how many operations a dose has is not known beforehand (closed users, or steps that are not the "
        "same in every iteration): the doses are not made longer for {}; in /h they would be",
        bound.expression);
}

} // namespace

std::optional<double> planned_operations(const plan::Plan& plan)
{
    double operations = 0;
    for (const auto& population : plan.populations) {
        if (!population.arrival.is_open() || !is_straight(population)) {
            return std::nullopt;
        }
        operations += planned_arrivals(population, plan.phases.load) * static_cast<double>(population.steps.size());
    }
    return operations;
}

SettledPlan settle_doses(std::shared_ptr<const plan::Plan> plan)
{
    if (plan->leak_check != LeakCheck::certify) {
        return {std::move(plan), std::nullopt};
    }
    const auto bounds = leak_bounds(plan->checks);
    if (bounds.empty()) {
        return {nullptr,
                scenario::Problem{plan->leak_check_place,
                                  "\"certify\" makes a run as long as a leak check needs, and there is none in [slo]; "
                                  "expected one such as \"leak[postgres.connections] < 1/h\" (its limit above 0)"}};
    }
    double times = 1;
    std::vector<std::string> notes;
    for (const auto& bound : bounds) {
        if (const auto dose = exposure_of_dose(*plan, bound.per_operations)) {
            times = std::max(times, std::ceil(bound.exposure() / (*dose * plan->phases.doses()) - 1e-9));
        } else {
            notes.push_back(unknown_operations(bound));
        }
    }
    constexpr double most_times = 100'000;
    if (times > most_times) {
        return {nullptr,
                scenario::Problem{plan->leak_check_place,
                                  fmt::format("\"certify\" would take {:.0f} times the duration in every cycle; "
                                              "expected a longer duration, or a limit that can be reached",
                                              times)}};
    }
    auto longer = plan::with_doses(*plan, static_cast<int>(times));
    longer.notes.insert(longer.notes.end(), notes.begin(), notes.end());
    return {std::make_shared<const plan::Plan>(std::move(longer)), std::nullopt};
}

std::vector<std::string> forecast(const plan::Plan& plan)
{
    const std::string level(scenario::to_string(plan.leak_check));
    std::vector<std::string> lines;
    if (plan.leak_check == LeakCheck::quick) {
        lines.push_back(fmt::format("leak check quick: one cycle never confirms a leak; it can show {} (95 %, nothing "
                                    "leaking)",
                                    best_bound(plan)));
    } else {
        lines.push_back(fmt::format("leak check {}: {}; can show {} at best (95 %, nothing leaking)", level,
                                    doses_text(plan), best_bound(plan)));
    }
    for (const auto& bound : leak_bounds(plan.checks)) {
        const auto dose = exposure_of_dose(plan, bound.per_operations);
        if (!dose) {
            continue;
        }
        const bool enough = bound.exposure() <= *dose * plan.phases.doses() * (1 + 1e-9);
        if (plan.leak_check == LeakCheck::certify && enough) {
            lines.push_back(fmt::format("can certify {}", bound.expression));
        } else if (!enough) {
            lines.push_back(fmt::format("too short to show {}: leak_check = \"certify\" makes it as long as that needs",
                                        bound.expression));
        }
    }
    lines.insert(lines.end(), plan.notes.begin(), plan.notes.end());
    return lines;
}

} // namespace squall::engine
