#include "plan/cycles.hpp"

#include "base/assert.hpp"
#include "plan/mix.hpp"
#include "plan/scale.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace squall::plan {
namespace {

/// Rates, or users; where some populations have the one and some the other these do not compare, and all weigh alike.
std::vector<double> weights_of(const std::vector<Population>& populations)
{
    const auto open = std::ranges::count_if(populations, [](const auto& one) { return one.arrival.is_open(); });
    const bool comparable = open == 0 || open == std::ssize(populations);
    std::vector<double> weights;
    for (const auto& population : populations) {
        weights.push_back(comparable ? highest_load(population) : 1);
    }
    return weights;
}

/// The weights are whole numbers: they are taken a thousand times as large.
std::vector<std::vector<int>> varied_weights(const Choose& choose, std::size_t first_code)
{
    constexpr double finer = 1000;
    const std::vector<double> weights(choose.weights.begin(), choose.weights.end());
    std::vector<std::vector<int>> by_cycle;
    for (const auto& factors : varied_mix(weights, first_code)) {
        auto& row = by_cycle.emplace_back();
        for (std::size_t way = 0; way < weights.size(); ++way) {
            row.push_back(static_cast<int>(std::lround(weights[way] * factors[way] * finer)));
        }
    }
    return by_cycle;
}

/// Choices of one population; false: it has none.
bool vary_choices(Population& population)
{
    std::size_t first_code = 0;
    for (auto& instruction : population.journey) {
        auto* choose = std::get_if<Choose>(&instruction);
        if (choose != nullptr && choose->weights.size() > 1) {
            choose->by_cycle = varied_weights(*choose, first_code);
            first_code += choose->weights.size();
        }
    }
    return first_code > 0;
}

void vary_populations(Plan& plan)
{
    const auto mix = varied_mix(weights_of(plan.populations));
    for (std::size_t cycle = 0; cycle < plan.phases.cycles.size(); ++cycle) {
        plan.phases.cycles[cycle].mix = mix.at(cycle);
    }
    for (std::size_t part = distinct_parts; part < plan.populations.size(); ++part) {
        plan.notes.push_back(
            fmt::format("the users {} and {} vary together from cycle to cycle: what leaks with the one "
                        "cannot be told from what leaks with the other",
                        plan.populations[part % distinct_parts].name, plan.populations[part].name));
    }
}

} // namespace

void plan_cycles(Plan& plan)
{
    if (plan.leak_check == scenario::LeakCheck::quick || plan.populations.empty()) {
        return;
    }
    plan.phases.cycles.clear();
    for (const int dose : ratchet_doses) {
        plan.phases.cycles.push_back({dose, {}});
    }
    if (plan.populations.size() > 1) {
        vary_populations(plan);
    } else if (!vary_choices(plan.populations.front())) {
        plan.notes.emplace_back(
            "one user whose steps are the same in every iteration: the mix of the traffic cannot vary "
            "from cycle to cycle, and does not tell which step a leak follows");
    }
}

Plan with_doses(const Plan& plan, int times)
{
    SQUALL_ASSERT(times >= 1);
    Plan result = plan;
    for (auto& cycle : result.phases.cycles) {
        cycle.repeats *= times;
    }
    return result;
}

} // namespace squall::plan
