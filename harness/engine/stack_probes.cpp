#include "engine/stack_probes.hpp"

#include "base/assert.hpp"
#include "base/text.hpp"
#include "probes/from_plan.hpp"
#include "probes/http_json.hpp"
#include "probes/pgbouncer.hpp"
#include "probes/postgres.hpp"
#include "probes/process.hpp"
#include "probes/processes.hpp"
#include "probes/redis.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>

namespace squall::engine {
namespace {

std::optional<scenario::MemoryThresholds> memory_classes_of(const plan::Plan& plan, const std::string& name)
{
    const auto found = std::ranges::find(plan.memory_classes, name, &scenario::MemoryClasses::service);
    return found == plan.memory_classes.end() ? std::nullopt : std::optional(found->thresholds);
}

/// What the target's pool says of itself, and which place in the program holds connections outside it.
const std::map<std::string, std::string> target_pool_gauges{
    {"pool_acquired", "/acquired"}, {"pool_waiters", "/waiters"}, {"direct_connections", "/direct/sites/*/open"}};

void add_service(const plan::Plan& plan, const stack::ServiceInfo& service, const Clock& clock,
                 std::vector<probes::SampledProbe>& probes)
{
    probes.push_back({probes::make_process_probe(service.name, service.pid, clock,
                                                 {probes::ProcessScope::tree, memory_classes_of(plan, service.name)})});
    if (service.kind == "postgres") {
        probes.push_back({probes::make_postgres_probe(service.name, service.url, clock)});
    } else if (service.kind == "pgbouncer") {
        probes.push_back({probes::make_pgbouncer_probe(service.name, service.url)});
    } else if (service.kind == "redis") {
        probes.push_back({probes::make_redis_probe(service.name, service.url)});
    } else if (service.kind == "target") {
        auto pool = probes::make_http_json_probe(service.name, service.url + "/debug/pool-status", target_pool_gauges,
                                                 true, "site");
        SQUALL_ASSERT(pool.has_value());
        probes.push_back({std::move(*pool), std::chrono::seconds(1)});
    }
}

probes::ProbeSurroundings surroundings_of(const plan::Plan& plan, const plan::UserMemory& endpoints, const Clock& clock)
{
    probes::ProbeSurroundings surroundings;
    surroundings.expand = [&plan, &endpoints](const scenario::Template& text) {
        return expand(text.source, [&](std::string_view name) -> std::optional<std::string> {
            for (const auto& endpoint : plan.endpoints) {
                if (endpoint.name == name) {
                    return std::string(endpoints.get(endpoint.slot));
                }
            }
            return std::nullopt;
        });
    };
    surroundings.base_directory = std::filesystem::absolute(plan.scenario_file).parent_path();
    surroundings.verify_tls = plan.tls.verify;
    surroundings.clock = &clock;
    return surroundings;
}

} // namespace

Result<std::vector<probes::SampledProbe>> make_probes(const plan::Plan& plan,
                                                      const std::vector<stack::ServiceInfo>& services,
                                                      const plan::UserMemory& endpoints, const Clock& clock,
                                                      const drivers::ChildRegistry& children)
{
    std::vector<probes::SampledProbe> probes;
    probes.push_back({probes::make_process_probe("generator", getpid(), clock, {probes::ProcessScope::alone, {}})});
    for (const auto& service : services) {
        add_service(plan, service, clock, probes);
    }
    for (std::size_t service = 0; service < plan.stdio_services.size(); ++service) {
        probes.push_back({probes::make_processes_probe(
            plan.stdio_services[service].name, [&children, service] { return children.alive(service); }, clock)});
    }
    auto surroundings = surroundings_of(plan, endpoints, clock);
    for (const auto& planned : plan.probes) {
        surroundings.memory_classes = memory_classes_of(plan, planned.name);
        auto probe = probes::from_plan(planned, surroundings);
        if (!probe) {
            return fail("{}:{}:{}: {}: {}", planned.place.file, planned.place.line, planned.place.column,
                        planned.place.path, probe.error().message);
        }
        probes.push_back({std::move(*probe), planned.every});
    }
    return probes;
}

} // namespace squall::engine
