#include "engine/user_surroundings.hpp"

#include <variant>

namespace squall::engine {

FixedRequests fix_requests(const plan::Plan& plan, const plan::Population& population,
                           const plan::UserMemory& endpoints)
{
    std::vector<bool> fixed_slots(plan.slot_count);
    for (const auto& endpoint : plan.endpoints) {
        fixed_slots[endpoint.slot] = true;
    }
    for (const auto slot : plan.setup_saves) {
        fixed_slots[slot] = true;
    }
    // What a user of this population writes varies, whoever else gives a value of that name.
    for (const auto& [slot, text] : population.initial) {
        fixed_slots[slot] = false;
    }
    for (const auto& step : population.steps) {
        for (const auto& save : step.saves) {
            fixed_slots[save.slot] = false;
        }
    }
    if (population.data) {
        for (const auto slot : population.data->column_slots) {
            fixed_slots[slot] = false;
        }
    }
    FixedRequests requests(plan.step_names.size());
    for (const auto& step : population.steps) {
        if (std::holds_alternative<plan::HttpAction>(step.action)) {
            requests[step.id] = fix_request(plan, step, fixed_slots, endpoints);
        }
    }
    return requests;
}

} // namespace squall::engine
