#include "engine/check_slos.hpp"

#include "engine/run_log.hpp"

#include "probes/cgroup.hpp"
#include "probes/process.hpp"
#include "probes/redis.hpp"
#include "slo/check.hpp"

namespace squall::engine {
namespace {

scenario::Problem problem_at(const scenario::Check& check, const slo::Mistake& mistake)
{
    scenario::Problem problem{check.place, fmt::format("\"{}\": {}", check.expression, mistake.message)};
    // The place is that of the opening quote.
    problem.place.column += static_cast<int>(mistake.column) + 1;
    return problem;
}

/// A check that may end the load must be one that can be missed before it is over.
void check_abort(const scenario::Check& check, const slo::Check& parsed, std::vector<scenario::Problem>& problems)
{
    const auto why = check.abort_after ? slo::why_it_cannot_abort(parsed) : std::nullopt;
    if (why) {
        problems.push_back({check.place, fmt::format("\"{}\": {}; leave abort out", check.expression, *why)});
    }
}

std::vector<std::string> process_gauges(const std::string& name)
{
    std::vector<std::string> gauges;
    for (const auto& gauge : probes::process_gauge_names()) {
        gauges.push_back(fmt::format("{}.{}", name, gauge));
    }
    for (const auto& gauge : probes::cgroup_gauge_names()) {
        gauges.push_back(fmt::format("{}.{}", name, gauge));
    }
    return gauges;
}

void add_named(std::vector<std::string>& gauges, const plan::Probe& probe)
{
    const auto add_names = [&](const std::map<std::string, std::string>& names) {
        for (const auto& [name, source] : names) {
            gauges.push_back(probe.name + "." + name);
        }
    };
    if (const auto* json = std::get_if<scenario::HttpJsonProbe>(&probe.source)) {
        add_names(json->gauges);
    } else if (const auto* prometheus = std::get_if<scenario::PrometheusProbe>(&probe.source)) {
        add_names(prometheus->gauges);
        gauges.push_back(probe.name + ".started_at");
    } else {
        gauges.push_back(probe.name + ".");
    }
}

} // namespace

std::vector<std::string> known_gauges(const plan::Plan& plan)
{
    std::vector<std::string> gauges = process_gauges("generator");
    for (const auto* own : {busiest_thread_gauge, waiting_thread_gauge, engine_threads_gauge}) {
        gauges.emplace_back(own);
    }
    const auto add = [&gauges](const std::string& name, std::initializer_list<const char*> own) {
        const auto process = process_gauges(name);
        gauges.insert(gauges.end(), process.begin(), process.end());
        for (const auto* gauge : own) {
            gauges.push_back(fmt::format("{}.{}", name, gauge));
        }
    };
    if (plan.stack.postgres) {
        add("postgres", {"connections", "active", "idle", "idle_in_transaction", "waiting", "locks",
                         "prepared_transactions", "replication_slots", "wal_bytes", "temp_files", "temp_bytes"});
    }
    if (plan.stack.pgbouncer) {
        add("pgbouncer", {"cl_active", "cl_waiting", "sv_active", "sv_idle", "sv_used", "sv_login", "maxwait",
                          "clients", "servers"});
    }
    if (plan.stack.redis) {
        add("redis", {});
        for (const auto& gauge : probes::redis_gauge_names()) {
            gauges.push_back("redis." + gauge);
        }
    }
    if (plan.stack.target) {
        add("target", {"pool_acquired", "pool_waiters", "direct_connections"});
    }
    for (const auto& service : plan.stack.services) {
        add(service.name, {});
    }
    for (const auto& service : plan.stdio_services) {
        for (const auto* gauge : {"processes", "rss", "threads", "fds"}) {
            gauges.push_back(service.name + "." + gauge);
        }
    }
    for (const auto& probe : plan.probes) {
        add_named(gauges, probe);
    }
    return gauges;
}

std::vector<scenario::Problem> check_slo_syntax(const std::vector<scenario::Check>& checks)
{
    std::vector<scenario::Problem> problems;
    for (const auto& check : checks) {
        if (const auto parsed = slo::parse(check.expression); !parsed) {
            problems.push_back(problem_at(check, parsed.error()));
        }
    }
    return problems;
}

std::vector<scenario::Problem> check_slos(const plan::Plan& plan)
{
    std::vector<scenario::Problem> problems;
    const auto gauges = known_gauges(plan);
    for (const auto& check : plan.checks) {
        const auto parsed = slo::parse(check.expression);
        if (!parsed) {
            problems.push_back(problem_at(check, parsed.error()));
        } else if (const auto mistake = slo::check_names(*parsed, plan.step_names, gauges)) {
            problems.push_back(problem_at(check, *mistake));
        } else {
            check_abort(check, *parsed, problems);
        }
    }
    for (const auto& cap : plan.declared_caps) {
        const auto as_check = slo::parse(fmt::format("gauge[{}].max < 1", cap.gauge));
        const auto mistake = as_check ? slo::check_names(*as_check, plan.step_names, gauges)
                                      : std::optional<slo::Mistake>(as_check.error());
        if (mistake) {
            problems.push_back({cap.place, mistake->message});
        }
    }
    return problems;
}

} // namespace squall::engine
