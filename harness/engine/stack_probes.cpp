#include "engine/stack_probes.hpp"

#include "base/text.hpp"
#include "probes/from_plan.hpp"
#include "probes/pgbouncer.hpp"
#include "probes/postgres.hpp"
#include "probes/process.hpp"
#include "probes/processes.hpp"
#include "probes/redis.hpp"

#include <unistd.h>

#include <filesystem>

namespace squall::engine {
namespace {

void add_service(const stack::ServiceInfo& service, const Clock& clock, std::vector<probes::SampledProbe>& probes)
{
    probes.push_back({probes::make_process_probe(service.name, service.pid, clock)});
    if (service.kind == "postgres") {
        probes.push_back({probes::make_postgres_probe(service.name, service.url)});
    } else if (service.kind == "pgbouncer") {
        probes.push_back({probes::make_pgbouncer_probe(service.name, service.url)});
    } else if (service.kind == "redis") {
        probes.push_back({probes::make_redis_probe(service.name, service.url)});
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
    probes.push_back({probes::make_process_probe("generator", getpid(), clock, probes::ProcessScope::alone)});
    for (const auto& service : services) {
        add_service(service, clock, probes);
    }
    for (std::size_t service = 0; service < plan.stdio_services.size(); ++service) {
        probes.push_back({probes::make_processes_probe(
            plan.stdio_services[service].name, [&children, service] { return children.alive(service); }, clock)});
    }
    const auto surroundings = surroundings_of(plan, endpoints, clock);
    for (const auto& planned : plan.probes) {
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
