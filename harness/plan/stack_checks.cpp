#include "plan/stack_checks.hpp"

#include "plan/population.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace squall::plan {
namespace {

void check_partners(const scenario::StackSpec& stack, Binder& binder)
{
    if (stack.target && !stack.postgres) {
        binder.report(stack.target->place, "the target needs a database; add postgres = {} to [stack]");
    }
    if (stack.pgbouncer && !stack.postgres) {
        binder.report(stack.pgbouncer->place, "PgBouncer needs a database behind it; add postgres = {} to [stack]");
    }
}

void check_init_files(const scenario::PostgresSpec& postgres, const std::string& scenario_file, Binder& binder)
{
    for (const auto& file : postgres.init) {
        const auto path = beside(scenario_file, file);
        std::error_code ignored;
        if (!std::filesystem::is_regular_file(path, ignored)) {
            binder.report(
                postgres.place,
                fmt::format("init: cannot read the SQL file {}; paths are relative to the scenario file", path));
        }
    }
}

class PortChecks {
public:
    explicit PortChecks(Binder& binder) : binder_(binder) {}

    void add(const std::string& name, const scenario::ServiceCommon& service)
    {
        if (!service.port) {
            return;
        }
        const auto [found, added] = takers_.emplace(*service.port, name);
        if (!added) {
            binder_.report(service.place,
                           fmt::format("the port {} is given to {} and to {}; change one, or leave it out for "
                                       "a free port",
                                       *service.port, found->second, name));
        }
    }

private:
    Binder& binder_;
    std::map<int, std::string> takers_;
};

void check_ports(const scenario::StackSpec& stack, Binder& binder)
{
    PortChecks ports(binder);
    if (stack.postgres) {
        ports.add("postgres", *stack.postgres);
    }
    if (stack.pgbouncer) {
        ports.add("pgbouncer", *stack.pgbouncer);
    }
    if (stack.redis) {
        ports.add("redis", *stack.redis);
    }
    if (stack.target) {
        ports.add("target", *stack.target);
    }
    for (const auto& service : stack.services) {
        ports.add("service." + service.name, service);
    }
}

} // namespace

scenario::StackSpec settle_stack(const scenario::StackSpec& stack, const std::string& scenario_file, Binder& binder)
{
    check_partners(stack, binder);
    check_ports(stack, binder);
    if (stack.postgres) {
        check_init_files(*stack.postgres, scenario_file, binder);
    }
    scenario::StackSpec settled = stack;
    std::erase_if(settled.services, [](const auto& service) { return service.stdio; });
    if (settled.target && !settled.pgbouncer) {
        settled.target->database = "postgres";
    }
    return settled;
}

} // namespace squall::plan
