// Runs as a user sees them, for golden files and unit tests: a meal planner whose login keeps a database connection
// after every wrong password, the same run after the fix, and an open run whose generator could not keep up.
#pragma once

#include "result/run_result.hpp"

#include <cmath>

namespace squall::reporters::samples {

inline result::LatencySummary latency(std::uint64_t count, double p50, double p90, double p99, double p999, double max)
{
    result::LatencySummary summary;
    summary.count = count;
    summary.min_seconds = p50 / 3;
    summary.mean_seconds = p50 * 1.2;
    summary.p50_seconds = p50;
    summary.p90_seconds = p90;
    summary.p95_seconds = (p90 + p99) / 2;
    summary.p99_seconds = p99;
    summary.p999_seconds = p999;
    summary.max_seconds = max;
    return summary;
}

inline result::StepResult step(std::string name, std::uint64_t requests, std::uint64_t errors, double load_seconds,
                               const result::LatencySummary& response)
{
    result::StepResult made;
    made.name = std::move(name);
    made.requests = requests;
    made.requests_per_second = static_cast<double>(requests) / load_seconds;
    made.errors = errors;
    made.response = response;
    made.service = response;
    return made;
}

/// A gauge that climbs from `from` to `to` during the load phase (5 s – 50 s of 62) and stays there.
inline result::Gauge climbing(std::string name, double from, double to)
{
    result::Gauge gauge;
    gauge.name = std::move(name);
    for (int second = 0; second < 62; ++second) {
        const double share = second < 5 ? 0 : second > 50 ? 1 : (second - 5) / 45.0;
        gauge.series.push_back({static_cast<double>(second), std::floor(from + share * (to - from))});
    }
    gauge.min = from;
    gauge.max = to;
    gauge.mean = (from + to) / 2;
    gauge.last = to;
    gauge.baseline = from;
    gauge.residual = to - from;
    return gauge;
}

inline void add_seconds(result::RunResult& run, double rate, double p99_from, double p99_to, double errors_from)
{
    for (int second = 0; second < 62; ++second) {
        const bool load = second >= 5 && second < 50;
        const double share = (second - 5) / 45.0;
        result::SecondRow row;
        row.second = second;
        row.phase = second < 5 ? "primer" : load ? "load" : "quiesce";
        row.users = load ? 300 : 0;
        row.requests = load ? static_cast<std::uint64_t>(rate * (1 - 0.3 * share * share)) : 0;
        row.errors = load && share > errors_from ? static_cast<std::uint64_t>(rate * 0.1 * (share - errors_from)) : 0;
        if (load) {
            row.p99_seconds = p99_from + (p99_to - p99_from) * share * share;
            row.p50_seconds = *row.p99_seconds / 8;
        }
        run.seconds.push_back(row);
    }
}

inline result::RunResult meal_planner_frame(const std::string& profile)
{
    result::RunResult run;
    run.squall_version = "0.1.0";
    run.run.name = "meal planner: pool exhaustion";
    run.run.scenario_file = "scenarios/systems/meal-planner.toml";
    run.run.profile = profile;
    run.run.seed = 7;
    run.run.started = "2026-11-21T05:12:04Z";
    run.run.folder = "squall-runs/20261121-051204-meal-planner" + (profile.empty() ? "" : "-" + profile);
    run.run.duration_seconds = 62;
    run.phases = {{"primer", 0, 5}, {"load", 5, 50}, {"quiesce", 50, 62}};
    run.populations = {{"planner", result::ArrivalModel::closed, "300 users, ramp 5s",
                        "closed model: a user waits for each answer, so coordinated omission cannot be seen"}};
    auto& generator = run.generator;
    generator.send_lag_p50_seconds = 41e-6;
    generator.send_lag_p99_seconds = 312e-6;
    generator.send_lag_max_seconds = 2.14e-3;
    generator.cpu_mean = 0.42;
    generator.cpu_max = 0.71;
    generator.cpu_available = 2;
    generator.rss_start_bytes = 21'400'000;
    generator.rss_end_bytes = 24'700'000;
    generator.rss_max_bytes = 25'100'000;
    generator.fds_start = 14;
    generator.fds_end = 14;
    generator.fds_leaked = 0;
    generator.processes_leaked = 0;
    generator.fds_max = 331;
    generator.iterations_scheduled = 6'120;
    run.totals.load_seconds = 45;
    run.totals.users_max = 300;
    run.totals.in_flight_max = 287;
    run.totals.iterations_started = 6'120;
    run.totals.iterations_completed = 5'933;
    run.totals.data_sent_bytes = 4'410'000;
    run.totals.data_received_bytes = 38'200'000;
    run.stack = {{"postgres", "PostgreSQL", "15.8"},
                 {"pgbouncer", "PgBouncer", "1.18.0"},
                 {"redis", "Redis", "7.0.15"},
                 {"target", "squall-target", "0.1.0"}};
    run.files = {{"result.json", "everything above and more, for programs"},
                 {"journal.jsonl", "second by second, also after a crash"},
                 {"logs/", "what each service of the stack said"}};
    return run;
}

inline void set_totals(result::RunResult& run, std::uint64_t requests, std::uint64_t errors,
                       const result::LatencySummary& response)
{
    run.totals.requests = requests;
    run.totals.requests_per_second = static_cast<double>(requests) / run.totals.load_seconds;
    run.totals.errors = errors;
    run.totals.error_rate = static_cast<double>(errors) / static_cast<double>(requests);
    run.all_steps = step("all steps", requests, errors, run.totals.load_seconds, response);
    run.all_steps.phase_means = {0.4e-3, 0.11e-3, 0, 0.02e-3, response.p50_seconds, 0.09e-3};
}

inline result::LeakFinding leak(std::string gauge, result::LeakVerdict verdict, double kept, double low, double high)
{
    constexpr double hours = 45.0 / 3600;
    constexpr double thousands = 18.24;
    result::LeakFinding finding;
    finding.gauge = std::move(gauge);
    finding.verdict = verdict;
    finding.residual = {kept, low, high};
    finding.per_hour = result::Estimate{kept / hours, low / hours, high / hours};
    finding.per_1000_operations = result::Estimate{kept / thousands, low / thousands, high / thousands};
    finding.upper_bound_per_hour = high / hours;
    finding.exposure_hours = hours;
    finding.exposure_operations = thousands * 1000;
    return finding;
}

inline result::LeakFinding clean(std::string gauge)
{
    auto finding = leak(std::move(gauge), result::LeakVerdict::no_leak, 0, 0, 3.69);
    finding.upper_bound_per_hour = 239.7;
    finding.why = "nothing was kept after quiesce";
    return finding;
}

inline result::RunResult meal_planner_before()
{
    using result::LeakVerdict;
    using result::SloOutcome;
    auto run = meal_planner_frame("before");
    run.verdict = {result::RunOutcome::failed, 99,
                   "postgres.connections keeps 1.0 connection per login (401): 187 after "
                   "45s of load, and the pool of 100 is exhausted 31s into the load."};
    run.steps = {step("login", 6'120, 187, 45, latency(6'120, 8.21e-3, 31.4e-3, 412e-3, 1.04, 1.92)),
                 step("meals", 6'060, 233, 45, latency(6'060, 12.7e-3, 66.1e-3, 2.0, 2.0, 2.002)),
                 step("analyze weekly plan", 6'060, 11, 45, latency(6'060, 46.3e-3, 121e-3, 634e-3, 1.41, 1.97))};
    set_totals(run, 18'240, 431, latency(18'240, 19.6e-3, 88.4e-3, 1.12, 2.0, 2.002));
    run.websockets = result::WebSockets{1'204, latency(1'210, 0.94e-3, 2.31e-3, 18.6e-3, 1.02, 1.4), 6'020, 5'998};
    run.omission_canary = result::OmissionCanary{0.74, 2.002, 1'480, 1.71, 2.0};
    run.errors = {{"login", "status", 187, "expected status 200, got 503: {\"error\":\"no connection within 2s\"}"},
                  {"meals", "timeout", 198, "no answer within 2s"},
                  {"meals", "status", 35,
                   "expected status 200, got 503: {\"error\":\"remaining connection slots are "
                   "reserved for superusers\"}"},
                  {"analyze weekly plan", "connection_reset", 11, ""}};
    add_seconds(run, 460, 0.031, 2.0, 0.6);
    auto auth = leak("postgres.connections", LeakVerdict::suspected, 187, 161.2, 215.8);
    auth.attribution = result::Attribution{"1.0 per login (401)", "login (401)", 187, 1.0, 0.998};
    auth.why = "the residual and the growth under load agree; one cycle never confirms";
    auth.what_more = "more cycles of load and quiesce: leak_check = \"standard\"";
    auth.evidence =
        result::LeakEvidence{result::LeakTrend{"growing", "mean", 24, 31.2, result::Estimate{14'900, 12'100, 17'700},
                                               std::nullopt, 14'850, "it grew by 186 under a steady load (t = 31.2)"},
                             {187},
                             std::nullopt,
                             {{"application", "meal-planner-auth", 187}, {"state", "idle_in_transaction", 102}},
                             {{0, 5}, {10, 52}, {20, 99}, {30, 145}, {40, 190}, {50, 192}}};
    auto site = leak("target.direct_connections", LeakVerdict::suspected, 187, 161.2, 215.8);
    site.attribution = auth.attribution;
    site.evidence = result::LeakEvidence{std::nullopt, {187}, std::nullopt, {{"site", "login", 187}}, {}};
    auto memory = leak("target.rss", LeakVerdict::unclear, 6.3e6, -18e6, 30.6e6);
    memory.kind = result::GaugeKind::memory;
    memory.unit = "bytes";
    memory.per_hour.reset();
    memory.per_1000_operations.reset();
    memory.evidence = result::LeakEvidence{std::nullopt, {1.1e6, 0.9e6, 0.2e6, 2.0e6, 1.1e6, 1.0e6}, 1.0, {}, {}};
    memory.why = "a 60s cycle cannot see an RSS leak under about 24 MB";
    auto vms = leak("api.heap_after_collection", LeakVerdict::not_enough_data, 0, 0, 0);
    vms.what_more = "24 samples (11 came)";
    run.leaks = {auth,
                 site,
                 memory,
                 clean("postgres.idle_in_transaction"),
                 clean("pgbouncer.cl_waiting"),
                 clean("redis.connected_clients"),
                 clean("target.fds"),
                 clean("target.threads"),
                 vms};
    run.gauges = {climbing("postgres.connections", 5, 192)};
    run.slos = {{"response_time.p99 < 500ms", SloOutcome::missed, "1.12s", ""},
                {"error_rate < 0.1%", SloOutcome::missed, "2.36%", "431 of 18,240 requests"},
                {"leak[postgres.connections] < 1/h", SloOutcome::missed, "15,000/h",
                 "the interval begins at 12,900/h, above the limit"},
                {"gauge[pool.in_use/pool.max].max < 80%", SloOutcome::missed, "100%", ""},
                {"leak[redis.connected_clients] < 1/h", SloOutcome::not_shown, "< 240/h at 95%",
                 "45s of load cannot show less; 3h would"},
                {"gauge[target.rss].growth < 50MiB", SloOutcome::met, "6.0 MiB", ""}};
    run.stamps = {{0, "phase", "primer"},
                  {5, "phase", "load"},
                  {36.4, "note", "postgres refuses connections: 120 of 120 in use"},
                  {38.25, "probe_failed", "pool: GET /debug/pool-status gave no answer within 1s (3 times)"},
                  {50, "phase", "quiesce"}};
    return run;
}

inline result::RunResult meal_planner_after()
{
    using result::SloOutcome;
    auto run = meal_planner_frame("after");
    run.verdict = {result::RunOutcome::passed, 0, "Nothing leaks, and every SLO that could be judged is met."};
    run.steps = {step("login", 9'120, 0, 45, latency(9'120, 3.11e-3, 8.24e-3, 24.9e-3, 41.3e-3, 66.4e-3)),
                 step("meals", 9'120, 0, 45, latency(9'120, 2.02e-3, 5.33e-3, 18.1e-3, 37.0e-3, 59.2e-3))};
    set_totals(run, 18'240, 0, latency(18'240, 2.51e-3, 7.12e-3, 22.3e-3, 40.1e-3, 66.4e-3));
    add_seconds(run, 412, 0.022, 0.026, 2);
    run.leaks = {clean("postgres.connections"), clean("redis.connected_clients"), clean("target.fds")};
    for (auto& leak : run.leaks) {
        leak.certificate =
            result::LeakCertificate{"fewer than 240/h at 95 % after 45s; 2h 59m more needed for < 1/h; fewer than 0.16 "
                                    "per 1000 operations; its "
                                    "18,240 operations are 25m 20s of production: fewer than 7.10/h there",
                                    0.4222, 7.1};
    }
    run.leak_self_test = result::LeakSelfTest{25, 25, 2000, 0.02, 0.914};
    run.slos = {{"response_time.p99 < 500ms", SloOutcome::met, "22.3ms", ""},
                {"error_rate < 0.1%", SloOutcome::met, "0%", ""},
                {"leak[postgres.connections] < 1/h", SloOutcome::not_shown, "< 240/h at 95%",
                 "45s of load cannot show less; 3h would"}};
    return run;
}

/// 4,000 arrivals a second are more than this generator can send: the run is invalid and its percentiles are bounds.
inline result::RunResult overloaded_open_run()
{
    auto run = meal_planner_frame("flood");
    run.verdict = {
        result::RunOutcome::invalid, 97,
        "the generator could not keep its schedule: it started 1,210/s of 4,000/s on time; CPU held it back: its "
        "engine thread ran 99.2% of the time; give it more --threads and cores, or a lower rate"};
    run.generator.reason = run.verdict.sentence;
    run.generator.held_back_by = "cpu";
    run.generator.planned_per_second = 4000;
    run.generator.reached_per_second = 1210;
    run.generator.thread_cpu_mean = 0.992;
    run.generator.thread_cpu_max = 1;
    run.populations = {{"planner", result::ArrivalModel::open, "4,000/s, poisson", ""}};
    run.generator.saturated = true;
    run.generator.cpu_mean = 1.94;
    run.generator.cpu_max = 2.0;
    run.generator.send_lag_p50_seconds = 0.212;
    run.generator.send_lag_p99_seconds = 1.31;
    run.generator.send_lag_max_seconds = 1.62;
    run.generator.iterations_scheduled = 180'000;
    run.generator.iterations_dropped = 16'200;
    run.generator.fds_leaked = 2;
    run.generator.processes_leaked = 0;
    run.generator.left_behind = {"2 × socket"};
    run.totals.iterations_started = 163'800;
    run.totals.iterations_completed = 163'800;
    run.steps = {step("login", 163'800, 0, 45, latency(180'000, 0.224, 0.871, 1.34, 1.6, 1.71))};
    run.steps[0].model = result::ArrivalModel::open;
    run.steps[0].response.censored = true;
    run.steps[0].response.censored_count = 16'200;
    run.steps[0].send_lag = latency(163'800, 0.212, 0.802, 1.31, 1.55, 1.62);
    run.steps[0].service = latency(163'800, 3.2e-3, 9.4e-3, 21.7e-3, 55e-3, 93e-3);
    set_totals(run, 163'800, 0, run.steps[0].response);
    run.notes = {"TLS certificates were not verified, as the scenario asked"};
    run.files.clear();
    return run;
}

/// The harness was killed 23.4 seconds into the run: nothing could be judged, no step finished a request.
inline result::RunResult interrupted_run()
{
    auto run = meal_planner_frame("");
    run.verdict = {result::RunOutcome::interrupted, 130, "The run was cut short before anything could be judged."};
    run.run.duration_seconds = 23.4;
    run.run.interrupted = true;
    run.run.interrupted_reason = "SIGINT";
    run.run.from_journal = true;
    run.run.journal_until_seconds = 23;
    run.run.truncated = "the last line of the journal was torn and is left out";
    run.slos.clear();
    return run;
}

} // namespace squall::reporters::samples
