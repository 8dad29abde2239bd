#include "engine/journal_header.hpp"

#include "engine/arrival_models.hpp"
#include "engine/collect_garbage.hpp"

#include <fmt/chrono.h>

#include <chrono>

namespace squall::engine {
namespace {

std::string now_as_text()
{
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
}

} // namespace

measure::JournalHeader journal_header(const plan::Plan& plan, const std::vector<stack::ServiceInfo>& services)
{
    measure::JournalHeader header;
    header.name = plan.name;
    header.scenario_file = plan.scenario_file;
    header.profile = plan.profile;
    header.seed = plan.seed;
    header.started = now_as_text();
    header.steps = plan.step_names;
    header.open_model.resize(plan.step_names.size());
    header.websocket.resize(plan.step_names.size());
    for (const auto& population : plan.populations) {
        const bool open = population.arrival.is_open();
        header.populations.push_back({population.name, describe_arrival(population), open});
        for (const auto& step : population.steps) {
            header.open_model[step.id] = open;
            header.websocket[step.id] = std::holds_alternative<plan::WebSocketAction>(step.action);
            for (std::uint32_t part = 0; part < step.part_count; ++part) {
                header.open_model[step.first_part + part] = open;
            }
        }
    }
    for (const auto& check : plan.checks) {
        header.checks.push_back(check.expression);
    }
    for (const auto& service : services) {
        header.services.push_back({service.name, service.kind});
    }
    header.notes = plan.notes;
    if (!plan.tls.verify) {
        header.notes.emplace_back("TLS certificates were not verified: the scenario turns it off");
    }
    header.primer = plan.phases.primer;
    header.settle = plan.phases.settle;
    header.load = plan.phases.load;
    header.quiesce = plan.phases.quiesce;
    header.doses.clear();
    for (const auto& cycle : plan.phases.cycles) {
        header.doses.push_back(cycle.repeats);
    }
    header.leak_check = scenario::to_string(plan.leak_check);
    header.production_rate = plan.production_rate;
    for (const auto& cap : plan.declared_caps) {
        header.declared_caps[cap.gauge] = cap.value;
    }
    for (const auto& hook : garbage_hooks(plan, services)) {
        header.collected.push_back(hook.service);
    }
    return header;
}

} // namespace squall::engine
