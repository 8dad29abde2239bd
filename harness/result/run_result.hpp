// RunResult: all that a reporter may see of a run, as plain values. The engine fills it once, at the end; result.json
// is its JSON form (json.hpp), and `squall report` and `squall compare` read it back.
//
// Units: seconds are doubles and end in _seconds, bytes are integers and end in _bytes, shares run from 0 to 1 (CPU: 1
// is one core). "At" and "second" count from the start of the run. An empty optional means not known or unlimited, as
// the member says. What each member means to a reader stands once, in run_result_fields.hpp, and nowhere else.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace squall::result {

/// Grows when a reader of the older format would misread the new one. New members alone do not count.
inline constexpr int run_result_format = 1;

enum class ArrivalModel { open, closed };
enum class GaugeKind { count, memory, other };
enum class LeakVerdict {
    confirmed,
    suspected,
    retained,
    filling,
    grows_but_releases,
    no_leak,
    unclear,
    not_enough_data,
};
enum class SloOutcome { met, missed, not_shown };
enum class RunOutcome { passed, failed, invalid, interrupted };

struct RunInfo {
    std::string name;
    std::string scenario_file;
    std::string profile; // empty: none
    std::uint64_t seed = 0;
    std::string started; // ISO 8601, UTC
    std::string folder;
    double duration_seconds = 0;
    bool interrupted = false;
    std::string interrupted_reason;
    std::optional<std::string> aborted; // which check ended the load, when and why; empty: none did
    bool from_journal = false;
    std::optional<double> journal_until_seconds; // where the journal's last full second ends
    std::string truncated;                       // what the journal lost; empty: nothing
    bool operator==(const RunInfo&) const = default;
};

struct PhaseSpan {
    std::string name; // primer, settle, warm_up, load, quiesce
    double begin_seconds = 0;
    double end_seconds = 0;
    bool operator==(const PhaseSpan&) const = default;
};

struct Population {
    std::string user;
    ArrivalModel model = ArrivalModel::closed;
    std::string arrival; // "300 users, ramp 5s"
    std::string caveat;  // what this model cannot see; empty: nothing
    bool operator==(const Population&) const = default;
};

struct GeneratorHealth {
    double send_lag_p50_seconds = 0;
    double send_lag_p99_seconds = 0;
    double send_lag_max_seconds = 0;
    double cpu_mean = 0;
    double cpu_max = 0;
    double cpu_available = 0; // cores the generator may use
    std::uint64_t rss_start_bytes = 0;
    std::uint64_t rss_end_bytes = 0;
    std::uint64_t rss_max_bytes = 0;
    std::int64_t fds_start = 0;
    std::int64_t fds_end = 0;
    std::int64_t fds_max = 0;
    std::optional<std::int64_t> fds_leaked; // after the last user was gone; none: the run died before
    std::optional<std::int64_t> processes_leaked;
    std::vector<std::string> left_behind; // what these are
    std::uint64_t iterations_scheduled = 0;
    std::uint64_t iterations_dropped = 0;
    bool saturated = false;
    std::optional<std::string> reason;       // of a run that is INVALID
    std::optional<std::string> held_back_by; // nothing, cpu, machine, descriptors, ports, target
    std::optional<double> planned_per_second;
    std::optional<double> reached_per_second;
    std::optional<double> thread_cpu_mean; // of the busiest engine thread, in cores
    std::optional<double> thread_cpu_max;
    std::optional<std::string> send_lag_histogram; // HdrHistogram V2, compressed, base64, unit µs
    std::vector<std::string> notes;
    bool operator==(const GeneratorHealth&) const = default;
};

struct Totals {
    double load_seconds = 0;
    std::uint64_t requests = 0;
    double requests_per_second = 0;
    std::uint64_t errors = 0;
    double error_rate = 0; // share of requests
    std::uint64_t iterations_started = 0;
    std::uint64_t iterations_completed = 0;
    std::uint64_t iterations_dropped = 0;
    std::uint64_t data_sent_bytes = 0;
    std::uint64_t data_received_bytes = 0;
    std::uint64_t users_max = 0;
    std::uint64_t in_flight_max = 0;
    bool operator==(const Totals&) const = default;
};

/// Arrivals that were dropped are in `count` and stand above all that was measured in the percentiles of a response
/// time.
struct LatencySummary {
    std::uint64_t count = 0; // 0: the figures below mean nothing
    double min_seconds = 0;
    double mean_seconds = 0;
    double p50_seconds = 0;
    double p90_seconds = 0;
    double p95_seconds = 0;
    double p99_seconds = 0;
    double p999_seconds = 0;
    double max_seconds = 0;
    bool censored = false; // some samples are only known to be at least this long
    std::uint64_t censored_count = 0;
    bool operator==(const LatencySummary&) const = default;
};

struct PhaseMeans {
    double blocked_seconds = 0;
    double connecting_seconds = 0;
    double tls_handshaking_seconds = 0;
    double sending_seconds = 0;
    double waiting_seconds = 0;
    double receiving_seconds = 0;
    bool operator==(const PhaseMeans&) const = default;
};

struct StepResult {
    std::string name;
    ArrivalModel model = ArrivalModel::closed;
    std::uint64_t requests = 0;
    double requests_per_second = 0;
    std::uint64_t errors = 0;
    std::map<std::string, std::uint64_t> errors_by_kind;
    std::map<std::string, std::uint64_t> statuses; // "200" → how many
    std::uint64_t recovered = 0;                   // late answers that polling found
    std::uint64_t lost = 0;                        // and those that it did not
    std::uint64_t messages_sent = 0;               // over WebSockets
    std::uint64_t messages_received = 0;
    std::uint64_t sent_bytes = 0;
    std::uint64_t received_bytes = 0;
    LatencySummary response; // from the intended start
    LatencySummary service;  // from the actual start
    LatencySummary send_lag; // actual minus intended start
    PhaseMeans phase_means;
    std::string response_histogram; // HdrHistogram V2, compressed, base64, unit µs
    std::string service_histogram;
    bool operator==(const StepResult&) const = default;
};

struct SecondRow {
    std::int64_t second = 0;
    std::string phase;
    std::uint64_t users = 0;
    std::uint64_t in_flight = 0;
    std::uint64_t requests = 0;
    std::uint64_t errors = 0;
    std::optional<double> p50_seconds; // response time; empty: no sample in this second
    std::optional<double> p99_seconds;
    bool operator==(const SecondRow&) const = default;
};

struct ErrorRow {
    std::string step;
    std::string kind;
    std::uint64_t count = 0;
    std::string example; // one message, secrets removed; may be empty
    bool operator==(const ErrorRow&) const = default;
};

struct GaugePoint {
    double at_seconds = 0;
    double value = 0;
    bool operator==(const GaugePoint&) const = default;
};

/// A gauge keeps at most this many points in a result; the engine thins the series.
inline constexpr std::size_t most_gauge_points = 240;

struct Gauge {
    std::string name;
    GaugeKind kind = GaugeKind::count;
    std::string unit; // "bytes", "seconds", …; empty: a plain count
    double min = 0;
    double mean = 0;
    double max = 0;
    double last = 0;
    std::optional<double> baseline; // floor after the primer
    std::optional<double> residual; // floor after quiesce minus baseline
    std::vector<GaugePoint> series;
    bool operator==(const Gauge&) const = default;
};

/// A figure with its 95 % interval. No `high`: unlimited.
struct Estimate {
    double value = 0;
    double low = 0;
    std::optional<double> high;
    bool operator==(const Estimate&) const = default;
};

struct Attribution {
    std::string text;      // "1.0 per login (401)"
    std::string candidate; // "login (401)"; empty: several fit equally well, the text names them
    double dose = 0;       // how often the candidate happened
    double per_dose = 0;   // units kept per occurrence
    double correlation = 0;
    bool operator==(const Attribution&) const = default;
};

/// Estimator A: the gauge under load.
struct LeakTrend {
    std::string shape;     // growing, flat, decelerating, step, not_enough_data
    std::string statistic; // of a block: mean, trimmed_mean, p10, min
    std::uint64_t blocks = 0;
    std::optional<double> t; // none: no noise at all
    std::optional<Estimate> per_hour;
    std::optional<Estimate> per_1000_operations;
    double theil_sen_per_hour = 0; // shown beside, decides nothing
    std::string why;               // of the shape
    bool operator==(const LeakTrend&) const = default;
};

/// A part of the gauge, by label, that holds what was kept.
struct LeakHolder {
    std::string label; // "application"
    std::string value; // "api"
    double kept = 0;
    bool operator==(const LeakHolder&) const = default;
};

/// What the verdict rests on.
struct LeakEvidence {
    std::optional<LeakTrend> trend;
    std::vector<double> kept_by_cycle;
    std::optional<double> filling_p; // of six cycles: the chance of so few in the last, were it no filling
    std::vector<LeakHolder> holders; // largest first
    std::vector<GaugePoint> floor;   // rest, blocks of each load, rest: thinned like a gauge
    bool operator==(const LeakEvidence&) const = default;
};

/// What a finding of "no leak" is worth.
struct LeakCertificate {
    std::string text;
    std::optional<double> production_hours; // that the run's operations are worth
    std::optional<double> upper_bound_per_production_hour;
    bool operator==(const LeakCertificate&) const = default;
};

struct LeakFinding {
    std::string gauge;
    GaugeKind kind = GaugeKind::count;
    std::string unit; // as Gauge::unit
    LeakVerdict verdict = LeakVerdict::not_enough_data;
    Estimate residual;
    std::optional<Estimate> per_hour;
    std::optional<Estimate> per_1000_operations;
    std::optional<double> upper_bound_per_hour; // one-sided 95 %
    std::optional<double> upper_bound_per_1000_operations;
    double exposure_hours = 0;
    double exposure_operations = 0;
    std::optional<Attribution> attribution;
    std::optional<LeakEvidence> evidence; // results of older versions have none
    std::optional<LeakCertificate> certificate;
    std::string why;
    std::string what_more; // what it would take to say more; empty: nothing
    bool operator==(const LeakFinding&) const = default;
};

struct SloVerdict {
    std::string expression;
    SloOutcome outcome = SloOutcome::not_shown;
    std::string measured; // "412 ms", "< 180/h at 95 %"
    std::string why;
    bool operator==(const SloVerdict&) const = default;
};

struct Stamp {
    double at_seconds = 0;
    std::string kind; // note, probe_failed, service_died, invalid, phase, …
    std::string text;
    bool operator==(const Stamp&) const = default;
};

struct ServiceInfo {
    std::string name;
    std::string kind;
    std::string version; // empty: not known
    bool operator==(const ServiceInfo&) const = default;
};

struct FileNote {
    std::string path; // inside the run's folder, or absolute
    std::string what;
    bool operator==(const FileNote&) const = default;
};

/// What a closed loop cannot see, estimated (engine/omission_canary.hpp).
struct OmissionCanary {
    double interval_seconds = 0; // between the requests of one user
    double longest_seconds = 0;  // service time
    std::uint64_t omitted_requests = 0;
    double p99_seconds = 0; // corrected
    double p999_seconds = 0;
    bool operator==(const OmissionCanary&) const = default;
};

struct RunVerdict {
    RunOutcome outcome = RunOutcome::passed;
    int exit_code = 0;
    std::string sentence;
    bool operator==(const RunVerdict&) const = default;
};

/// The WebSockets of the load phase, under the names that k6 has made known.
struct WebSockets {
    std::uint64_t sessions = 0; // opened
    LatencySummary connecting;  // the opening handshake from its actual start, with those that failed
    std::uint64_t messages_sent = 0;
    std::uint64_t messages_received = 0;
    bool operator==(const WebSockets&) const = default;
};

/// What the leak estimators made of series of known truth: `ci/run.sh calibrate`.
struct LeakSelfTest {
    std::uint64_t rows = 0; // of the table
    std::uint64_t rows_held = 0;
    std::uint64_t series = 0; // of each row
    double worst_false_positive_rate = 0;
    double worst_power = 0;
    bool operator==(const LeakSelfTest&) const = default;
};

struct RunResult {
    int format = run_result_format;
    std::string squall_version;
    RunInfo run;
    RunVerdict verdict;
    GeneratorHealth generator;
    std::vector<PhaseSpan> phases;
    std::vector<Population> populations;
    Totals totals;
    StepResult all_steps;
    std::vector<StepResult> steps;
    std::optional<WebSockets> websockets;          // of runs with WebSocket steps
    std::optional<OmissionCanary> omission_canary; // of runs in which all users are closed
    std::vector<ErrorRow> errors;
    std::vector<LeakFinding> leaks;
    std::optional<LeakSelfTest> leak_self_test;
    std::vector<SloVerdict> slos;
    std::vector<Gauge> gauges;
    std::vector<SecondRow> seconds;
    std::vector<Stamp> stamps;
    std::vector<std::string> notes; // what holds for the whole run
    std::vector<ServiceInfo> stack;
    std::vector<FileNote> files;
    bool operator==(const RunResult&) const = default;
};

} // namespace squall::result
