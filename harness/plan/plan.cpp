#include "plan/plan.hpp"

#include "plan/cycles.hpp"
#include "plan/globals.hpp"
#include "plan/phase_lengths.hpp"
#include "plan/population.hpp"
#include "plan/stack_checks.hpp"
#include "plan/stdio_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <numeric>
#include <set>

namespace squall::plan {
namespace {

Phases phases_of(const scenario::Scenario& scenario)
{
    Phases phases;
    phases.warm_up = scenario.warm_up;
    phases.load = scenario.duration;
    phases.grace = scenario.grace;
    auto lengths = phase_lengths(scenario);
    phases.primer = lengths.primer;
    phases.settle = lengths.settle;
    phases.quiesce = lengths.quiesce;
    phases.reasons = std::move(lengths.reasons);
    return phases;
}

/// Gives the parts of a step, which has its name already, theirs.
void name_parts(Plan& plan, Step& step)
{
    const auto whole = plan.step_names.at(step.id);
    step.first_part = static_cast<std::uint32_t>(plan.step_names.size());
    std::visit(
        [&](const auto& action) {
            if constexpr (requires { action.parts; }) {
                for (const auto& part : action.parts) {
                    plan.step_names.push_back(fmt::format("{}/{}", whole, part));
                }
            }
        },
        step.action);
    step.part_count = static_cast<std::uint32_t>(plan.step_names.size()) - step.first_part;
}

/// The starts of a service are one series for all steps of a user; `starts`: where they are counted, by service.
void share_starts(Plan& plan, Step& step, std::map<std::uint32_t, std::uint32_t>& starts)
{
    auto* rpc = std::get_if<RpcAction>(&step.action);
    if (rpc == nullptr || !rpc->stdio || rpc->kind == scenario::RpcStep::Kind::stop) {
        return;
    }
    const auto next = static_cast<std::uint32_t>(plan.step_names.size());
    const auto [known, first] = starts.emplace(rpc->stdio->service, next);
    rpc->start_sample = known->second;
    if (first) {
        rpc->parts.emplace_back("start");
    }
}

/// Gives every step its id and the name under which it is reported: the user's name in front where two users have a
/// step of that name, a number behind where one user has it twice.
void name_steps(Plan& plan)
{
    std::map<std::string, std::set<std::string>> users_of;
    for (const auto& population : plan.populations) {
        for (const auto& step : population.steps) {
            users_of[step.name].insert(population.name);
        }
    }
    std::set<std::string> taken;
    for (auto& population : plan.populations) {
        std::map<std::uint32_t, std::uint32_t> starts;
        for (auto& step : population.steps) {
            const auto base = users_of[step.name].size() > 1 ? population.name + "/" + step.name : step.name;
            auto name = base;
            for (int copy = 2; !taken.insert(name).second; ++copy) {
                name = fmt::format("{} #{}", base, copy);
            }
            step.id = static_cast<std::uint32_t>(plan.step_names.size());
            plan.step_names.push_back(name);
            share_starts(plan, step, starts);
            name_parts(plan, step);
        }
    }
}

void check_users(const scenario::Scenario& scenario, Binder& binder)
{
    if (scenario.users.empty()) {
        binder.report({scenario.file, 1, 1, "user"}, "the scenario has no users; add a [[user]] with at least one "
                                                     "[[user.step]]");
    }
    std::set<std::string> names;
    for (const auto& user : scenario.users) {
        if (!names.insert(user.name).second) {
            binder.report(user.place, fmt::format("two users have the name \"{}\"; give each its own", user.name));
        }
    }
}

std::set<std::string> gauge_sources(const scenario::StackSpec& stack)
{
    std::set<std::string> names;
    for (const auto& [present, name] :
         {std::pair{stack.postgres.has_value(), "postgres"}, std::pair{stack.pgbouncer.has_value(), "pgbouncer"},
          std::pair{stack.redis.has_value(), "redis"}, std::pair{stack.target.has_value(), "target"}}) {
        if (present) {
            names.insert(name);
        }
    }
    for (const auto& service : stack.services) {
        names.insert(service.name);
    }
    return names;
}

const scenario::Template* address_of(const decltype(scenario::Probe::source)& source)
{
    return std::visit(
        [](const auto& probe) -> const scenario::Template* {
            if constexpr (requires { probe.url; }) {
                return &probe.url;
            } else if constexpr (requires { probe.pid; }) {
                return &probe.pid;
            } else {
                return nullptr;
            }
        },
        source);
}

/// A probe belongs to no user: it may use only what is the same for all of them.
BoundText check_probe_text(const scenario::Template& text_of_probe, const Globals& globals, Binder& binder)
{
    Scope scope = globals.scope;
    for (const auto& [slot, text] : globals.varying) {
        const auto& name = binder.slot_names().at(slot);
        scope.available.erase(name);
        scope.unavailable[name] = "changes from user to user; a probe can use endpoints and constant variables only";
    }
    auto bound = binder.bind(text_of_probe, scope);
    for (const auto& segment : bound.segments) {
        if (std::holds_alternative<scenario::Generator>(segment.content)) {
            binder.report(text_of_probe.place, "a probe's address must not vary; remove the generator");
        }
    }
    return bound;
}

void check_probe_address(const scenario::Template& address, const scenario::Probe& probe, const Globals& globals,
                         const std::vector<std::string>& allow_hosts, Binder& binder)
{
    const auto bound = check_probe_text(address, globals, binder);
    if (!bound.segments.empty()) {
        check_host(bound, probe.place, allow_hosts, binder);
    }
}

std::vector<Probe> resolve_probes(const scenario::Scenario& scenario, const Globals& globals, Binder& binder)
{
    auto taken = gauge_sources(scenario.stack);
    std::vector<Probe> probes;
    for (const auto& probe : scenario.probes) {
        if (!taken.insert(probe.name).second) {
            binder.report(probe.place,
                          fmt::format("the name \"{}\" is already that of a probe or of a part of the stack; "
                                      "its gauges could not be told apart",
                                      probe.name));
        }
        if (const auto* files = std::get_if<scenario::FilesProbe>(&probe.source)) {
            check_probe_text(files->pattern, globals, binder);
        }
        if (const auto* address = address_of(probe.source)) {
            check_probe_address(*address, probe, globals, scenario.allow_hosts, binder);
        }
        probes.push_back({probe.name, probe.every, probe.place, probe.source});
    }
    return probes;
}

scenario::TlsOptions resolve_tls(const scenario::Scenario& scenario, Binder& binder)
{
    auto tls = scenario.tls;
    if (tls.ca_file) {
        tls.ca_file = beside(scenario.file, *tls.ca_file);
        std::error_code ignored;
        if (!std::filesystem::is_regular_file(*tls.ca_file, ignored)) {
            binder.report({scenario.file, 1, 1, "tls.ca_file"},
                          fmt::format("cannot read the certificate file {}; paths are relative to the scenario file",
                                      *tls.ca_file));
        }
    }
    return tls;
}

/// One user that goes through the steps once; nothing where there are none. Its step ids are its own.
std::optional<Population> resolve_once(const std::string& name, const std::vector<scenario::Step>& steps,
                                       const scenario::Scenario& scenario, const Globals& globals, Binder& binder)
{
    if (steps.empty()) {
        return std::nullopt;
    }
    scenario::User user;
    user.place = steps.front().place;
    user.name = name;
    user.arrival.model = scenario::ClosedArrival{};
    user.steps = steps;
    auto population = resolve_population(user, scenario, globals, binder);
    for (std::size_t index = 0; index < population.steps.size(); ++index) {
        population.steps[index].id = static_cast<std::uint32_t>(index);
        if (std::holds_alternative<WebSocketAction>(population.steps[index].action)) {
            binder.report(user.place, fmt::format("a WebSocket cannot be held in {}; expected an http step", name));
        }
        const auto* rpc = std::get_if<RpcAction>(&population.steps[index].action);
        if (rpc != nullptr && rpc->stdio) {
            binder.report(user.place,
                          fmt::format("a stdio server cannot be started in {}; expected one at a URL", name));
        }
    }
    return population;
}

/// What the setup saves has a value before any user begins.
void give_to_all(const std::vector<scenario::Step>& setup, Globals& globals, Binder& binder, std::vector<Slot>& slots)
{
    for (const auto* step : scenario::sending_steps(setup)) {
        for (const auto& save : step->save) {
            globals.scope.available.insert(save.name);
            globals.scope.unavailable.erase(save.name);
            globals.scope.constants.erase(save.name);
            slots.push_back(binder.slot(save.name));
        }
    }
}

void copy_plain_values(const scenario::Scenario& scenario, Plan& plan)
{
    plan.name = scenario.name;
    plan.scenario_file = scenario.file;
    plan.profile = scenario.profile;
    plan.seed = scenario.seed;
    plan.phases = phases_of(scenario);
    plan.allow_hosts = scenario.allow_hosts;
    plan.checks = scenario.checks;
    plan.leak_check = scenario.leak_check;
    plan.leak_check_place = scenario.leak_check_place;
    plan.production_rate = scenario.production_rate;
    plan.declared_caps = scenario.declared_caps;
}

} // namespace

int Phases::doses() const
{
    return std::accumulate(cycles.begin(), cycles.end(), 0, [](int sum, const Cycle& c) { return sum + c.repeats; });
}

Duration Phases::total() const
{
    return primer + settle + warm_up + load * doses() + quiesce * static_cast<Duration::rep>(cycles.size());
}

PlanOutcome make_plan(const scenario::Scenario& scenario)
{
    PlanOutcome outcome;
    Binder binder(outcome.problems);
    auto plan = std::make_shared<Plan>();
    copy_plain_values(scenario, *plan);
    plan->stack = settle_stack(scenario.stack, scenario.file, binder);
    plan->stdio_services = stdio_services(scenario);
    plan->tls = resolve_tls(scenario, binder);
    check_users(scenario, binder);
    const auto globals = resolve_globals(scenario, binder);
    plan->endpoints = globals.endpoints;
    auto globals_after_setup = globals;
    plan->setup = resolve_once("setup", scenario.setup, scenario, globals, binder);
    give_to_all(scenario.setup, globals_after_setup, binder, plan->setup_saves);
    plan->teardown = resolve_once("teardown", scenario.teardown, scenario, globals_after_setup, binder);
    for (const auto& user : scenario.users) {
        plan->populations.push_back(resolve_population(user, scenario, globals_after_setup, binder));
    }
    plan->probes = resolve_probes(scenario, globals, binder);
    name_steps(*plan);
    plan_cycles(*plan);
    plan->slot_names = binder.slot_names();
    plan->slot_count = static_cast<std::uint32_t>(plan->slot_names.size());
    if (outcome.problems.empty()) {
        outcome.plan = std::move(plan);
    }
    return outcome;
}

} // namespace squall::plan
