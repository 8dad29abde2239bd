// What every member of a RunResult is called in JSON and means to a reader: the one description from which result.json
// is written, read and its schema made. The structs and their units: run_result.hpp.
#pragma once

#include "result/describe.hpp"
#include "result/run_result.hpp"

namespace squall::result {

constexpr auto words(Of<ArrivalModel>)
{
    return std::to_array<std::string_view>({"open", "closed"});
}
constexpr auto words(Of<GaugeKind>)
{
    return std::to_array<std::string_view>({"count", "memory", "other"});
}
constexpr auto words(Of<LeakVerdict>)
{
    return std::to_array<std::string_view>({"confirmed", "suspected", "retained", "filling", "grows_but_releases",
                                            "no_leak", "unclear", "not_enough_data"});
}
constexpr auto words(Of<SloOutcome>)
{
    return std::to_array<std::string_view>({"met", "missed", "not_shown"});
}
constexpr auto words(Of<RunOutcome>)
{
    return std::to_array<std::string_view>({"passed", "failed", "invalid", "interrupted"});
}

template <typename Visitor>
void describe(Visitor& member, Of<RunInfo>)
{
    member("name", &RunInfo::name, "The scenario's name.");
    member("scenario_file", &RunInfo::scenario_file, "The scenario file, as given.");
    member("profile", &RunInfo::profile, "The profile that ran; empty when none was chosen.");
    member("seed", &RunInfo::seed, "The seed of every random choice of the run.");
    member("started", &RunInfo::started, "When the run started, ISO 8601 in UTC.");
    member("folder", &RunInfo::folder, "The folder that keeps the run's files.");
    member("duration_seconds", &RunInfo::duration_seconds, "How long the run took in all, every phase included.");
    member("interrupted", &RunInfo::interrupted, "Whether the run ended before its plan did.");
    member("interrupted_reason", &RunInfo::interrupted_reason, "Why it ended early; empty when it did not.");
    member("aborted", &RunInfo::aborted, "Which check with `abort` ended the load, when and why; null: none did.");
    member("from_journal", &RunInfo::from_journal, "Whether the harness died and this was made from its journal.");
    member("journal_until_seconds", &RunInfo::journal_until_seconds,
           "Where the journal's last full second ends; null when the run ended by itself.");
    member("truncated", &RunInfo::truncated, "What the journal lacks, at its end or within; empty when nothing.");
}

template <typename Visitor>
void describe(Visitor& member, Of<PhaseSpan>)
{
    member("name", &PhaseSpan::name, "primer, settle, warm_up, load or quiesce.");
    member("begin_seconds", &PhaseSpan::begin_seconds, "When the phase began, since the start of the run.");
    member("end_seconds", &PhaseSpan::end_seconds, "When the phase ended, since the start of the run.");
}

template <typename Visitor>
void describe(Visitor& member, Of<Population>)
{
    member("user", &Population::user, "The name of this kind of user.");
    member("model", &Population::model, "open: arrivals follow a rate; closed: a user waits for its answer.");
    member("arrival", &Population::arrival, "How its users arrive, in words.");
    member("caveat", &Population::caveat, "What this model cannot see; empty when nothing.");
}

template <typename Visitor>
void describe(Visitor& member, Of<GeneratorHealth>)
{
    member("send_lag_p50_seconds", &GeneratorHealth::send_lag_p50_seconds, "Median delay of a send behind its plan.");
    member("send_lag_p99_seconds", &GeneratorHealth::send_lag_p99_seconds, "99th percentile of that delay.");
    member("send_lag_max_seconds", &GeneratorHealth::send_lag_max_seconds, "The longest such delay.");
    member("cpu_mean", &GeneratorHealth::cpu_mean, "Mean processor use of the generator, in cores.");
    member("cpu_max", &GeneratorHealth::cpu_max, "Highest processor use over a second, in cores.");
    member("cpu_available", &GeneratorHealth::cpu_available, "Cores the generator could use; 0 when not known.");
    member("rss_start_bytes", &GeneratorHealth::rss_start_bytes, "Resident memory at the start.");
    member("rss_end_bytes", &GeneratorHealth::rss_end_bytes, "Resident memory at the end.");
    member("rss_max_bytes", &GeneratorHealth::rss_max_bytes, "Highest resident memory.");
    member("fds_start", &GeneratorHealth::fds_start, "File descriptors open at the start.");
    member("fds_end", &GeneratorHealth::fds_end, "File descriptors open at the end.");
    member("fds_max", &GeneratorHealth::fds_max, "Most file descriptors open at once.");
    member("fds_leaked", &GeneratorHealth::fds_leaked,
           "Descriptors of users that the generator itself left open; null when the run died before its end.");
    member("processes_leaked", &GeneratorHealth::processes_leaked,
           "Processes of users that it left behind; null likewise.");
    member("left_behind", &GeneratorHealth::left_behind, "What these are, by kind.");
    member("iterations_scheduled", &GeneratorHealth::iterations_scheduled, "Iterations that the plan asked for.");
    member("iterations_dropped", &GeneratorHealth::iterations_dropped, "Iterations that could not start.");
    member("saturated", &GeneratorHealth::saturated, "Whether the generator was beyond what it can do: INVALID.");
    member("reason", &GeneratorHealth::reason, "Why the run is INVALID: what was reached and what held it back.");
    member("held_back_by", &GeneratorHealth::held_back_by,
           "nothing; cpu, descriptors or ports of the generator; machine: others kept it busy; or target: arrivals "
           "were dropped as the service held "
           "all.");
    member("planned_per_second", &GeneratorHealth::planned_per_second,
           "Arrivals per second that the plan asked for; null in a closed loop.");
    member("reached_per_second", &GeneratorHealth::reached_per_second,
           "Arrivals per second that started on time; null in a closed loop.");
    member("thread_cpu_mean", &GeneratorHealth::thread_cpu_mean, "Mean use of the busiest engine thread, in cores.");
    member("thread_cpu_max", &GeneratorHealth::thread_cpu_max, "Its highest use over a second, in cores.");
    member("send_lag_histogram", &GeneratorHealth::send_lag_histogram,
           "Every send's delay behind its plan: HdrHistogram V2, compressed, base64, in microseconds.");
    member("notes", &GeneratorHealth::notes, "What else is to be said of the generator.");
}

template <typename Visitor>
void describe(Visitor& member, Of<Totals>)
{
    member("load_seconds", &Totals::load_seconds, "Length of the load phase; every total counts that phase alone.");
    member("requests", &Totals::requests, "Requests finished or censored at the end.");
    member("requests_per_second", &Totals::requests_per_second, "Requests per second of load.");
    member("errors", &Totals::errors, "Requests that failed in any way.");
    member("error_rate", &Totals::error_rate, "Share of requests that failed.");
    member("iterations_started", &Totals::iterations_started, "Iterations begun.");
    member("iterations_completed", &Totals::iterations_completed, "Iterations that ran to their last step.");
    member("iterations_dropped", &Totals::iterations_dropped, "Iterations that could not start.");
    member("data_sent_bytes", &Totals::data_sent_bytes, "Bytes sent by all users.");
    member("data_received_bytes", &Totals::data_received_bytes, "Bytes received by all users.");
    member("users_max", &Totals::users_max, "Most users active at once.");
    member("in_flight_max", &Totals::in_flight_max, "Most requests in flight at once.");
}

template <typename Visitor>
void describe(Visitor& member, Of<LatencySummary>)
{
    member("count", &LatencySummary::count, "How many samples; with 0 the other figures mean nothing.");
    member("min_seconds", &LatencySummary::min_seconds, "The shortest, exact.");
    member("mean_seconds", &LatencySummary::mean_seconds, "The mean.");
    member("p50_seconds", &LatencySummary::p50_seconds, "The median.");
    member("p90_seconds", &LatencySummary::p90_seconds, "The 90th percentile.");
    member("p95_seconds", &LatencySummary::p95_seconds, "The 95th percentile.");
    member("p99_seconds", &LatencySummary::p99_seconds, "The 99th percentile.");
    member("p999_seconds", &LatencySummary::p999_seconds, "The 99.9th percentile.");
    member("max_seconds", &LatencySummary::max_seconds, "The longest, exact.");
    member("censored", &LatencySummary::censored, "Whether some samples are only known to be at least this long.");
    member("censored_count", &LatencySummary::censored_count, "How many samples are censored.");
}

template <typename Visitor>
void describe(Visitor& member, Of<PhaseMeans>)
{
    member("blocked_seconds", &PhaseMeans::blocked_seconds, "Mean wait for a connection or a turn.");
    member("connecting_seconds", &PhaseMeans::connecting_seconds, "Mean time to connect.");
    member("tls_handshaking_seconds", &PhaseMeans::tls_handshaking_seconds, "Mean time of the TLS handshake.");
    member("sending_seconds", &PhaseMeans::sending_seconds, "Mean time to send the request.");
    member("waiting_seconds", &PhaseMeans::waiting_seconds, "Mean time to the first byte of the answer.");
    member("receiving_seconds", &PhaseMeans::receiving_seconds, "Mean time to read the answer.");
}

template <typename Visitor>
void describe(Visitor& member, Of<StepResult>)
{
    member("name", &StepResult::name, "The step's name.");
    member("model", &StepResult::model, "The arrival model of the users that take this step.");
    member("requests", &StepResult::requests, "Requests of the load phase.");
    member("requests_per_second", &StepResult::requests_per_second, "Requests per second of load.");
    member("errors", &StepResult::errors, "Requests that failed.");
    member("errors_by_kind", &StepResult::errors_by_kind, "Failed requests by kind of error.");
    member("statuses", &StepResult::statuses, "Answers by status code.");
    member("recovered", &StepResult::recovered, "Answers that did not come in time and were found by polling.");
    member("lost", &StepResult::lost, "Answers that did not come in time and were not found by polling either.");
    member("messages_sent", &StepResult::messages_sent, "Messages sent over WebSockets.");
    member("messages_received", &StepResult::messages_received, "Messages received over WebSockets.");
    member("sent_bytes", &StepResult::sent_bytes, "Bytes sent.");
    member("received_bytes", &StepResult::received_bytes, "Bytes received.");
    member("response", &StepResult::response, "Response time, from the intended start: the headline.");
    member("service", &StepResult::service, "Service time, from the actual send.");
    member("send_lag", &StepResult::send_lag, "Actual start minus intended start.");
    member("phase_means", &StepResult::phase_means, "Where a request's time went, on average.");
    member("response_histogram", &StepResult::response_histogram,
           "Response time as an HdrHistogram V2 (compressed, base64), in microseconds.");
    member("service_histogram", &StepResult::service_histogram,
           "Service time as an HdrHistogram V2 (compressed, base64), in microseconds.");
}

template <typename Visitor>
void describe(Visitor& member, Of<SecondRow>)
{
    member("second", &SecondRow::second, "The second of the run, from 0.");
    member("phase", &SecondRow::phase, "The phase it belongs to.");
    member("users", &SecondRow::users, "Users active at its end.");
    member("in_flight", &SecondRow::in_flight, "Requests in flight at its end.");
    member("requests", &SecondRow::requests, "Requests that finished in it.");
    member("errors", &SecondRow::errors, "Requests that failed in it.");
    member("p50_seconds", &SecondRow::p50_seconds, "Median response time; null when nothing finished.");
    member("p99_seconds", &SecondRow::p99_seconds, "99th percentile of response time; null when nothing finished.");
}

template <typename Visitor>
void describe(Visitor& member, Of<ErrorRow>)
{
    member("step", &ErrorRow::step, "The step that failed.");
    member("kind", &ErrorRow::kind, "The kind of error.");
    member("count", &ErrorRow::count, "How often.");
    member("example", &ErrorRow::example, "One message as an example, without secrets; may be empty.");
}

template <typename Visitor>
void describe(Visitor& member, Of<GaugePoint>)
{
    member("at_seconds", &GaugePoint::at_seconds, "Seconds since the start of the run.");
    member("value", &GaugePoint::value, "The gauge's value.");
}

template <typename Visitor>
void describe(Visitor& member, Of<Gauge>)
{
    member("name", &Gauge::name, "The gauge's name.");
    member("kind", &Gauge::kind, "What it measures: a count of things held, memory, or something else.");
    member("unit", &Gauge::unit, "The unit of its values; empty for a plain count.");
    member("min", &Gauge::min, "The lowest value.");
    member("mean", &Gauge::mean, "The mean value.");
    member("max", &Gauge::max, "The highest value.");
    member("last", &Gauge::last, "The last value.");
    member("baseline", &Gauge::baseline, "The floor after the primer; null when there was none.");
    member("residual", &Gauge::residual, "The floor after quiesce minus the baseline; null without either.");
    member("series", &Gauge::series, "The values over time, thinned to at most 240 points.");
}

template <typename Visitor>
void describe(Visitor& member, Of<Estimate>)
{
    member("value", &Estimate::value, "The estimate.");
    member("low", &Estimate::low, "The lower end of its 95 % interval.");
    member("high", &Estimate::high, "The upper end of its 95 % interval; null when unlimited.");
}

template <typename Visitor>
void describe(Visitor& member, Of<Attribution>)
{
    member("text", &Attribution::text, "What the leak follows, in words.");
    member("candidate", &Attribution::candidate, "The event that it follows.");
    member("dose", &Attribution::dose, "How often that event happened.");
    member("per_dose", &Attribution::per_dose, "How much is kept each time.");
    member("correlation", &Attribution::correlation, "Correlation of the gauge with the event's count, −1 to 1.");
}

template <typename Visitor>
void describe(Visitor& member, Of<LeakTrend>)
{
    member("shape", &LeakTrend::shape, "growing, flat, decelerating, step or not_enough_data.");
    member("statistic", &LeakTrend::statistic, "What stands for a block: mean, trimmed_mean, p10 or min.");
    member("blocks", &LeakTrend::blocks, "Into how many blocks the load was cut.");
    member("t", &LeakTrend::t,
           "Slope over its HAR error, with 4 degrees of freedom; null where there was no noise at all.");
    member("per_hour", &LeakTrend::per_hour, "The slope per hour; null when not estimated.");
    member("per_1000_operations", &LeakTrend::per_1000_operations,
           "The slope per 1000 operations; null when not estimated.");
    member("theil_sen_per_hour", &LeakTrend::theil_sen_per_hour, "Theil and Sen's slope per hour; decides nothing.");
    member("why", &LeakTrend::why, "Why this shape.");
}

template <typename Visitor>
void describe(Visitor& member, Of<LeakHolder>)
{
    member("label", &LeakHolder::label, "By what the gauge is split: application, user, state, peer or another label.");
    member("value", &LeakHolder::value, "Which of them.");
    member("kept", &LeakHolder::kept, "How much of what was kept it holds.");
}

template <typename Visitor>
void describe(Visitor& member, Of<LeakEvidence>)
{
    member("trend", &LeakEvidence::trend, "The gauge under load; null when it was not looked at.");
    member("kept_by_cycle", &LeakEvidence::kept_by_cycle, "How much more was held after each cycle than before it.");
    member("filling_p", &LeakEvidence::filling_p,
           "After six cycles, the chance that the last keeps so few if all keep alike; null otherwise.");
    member("holders", &LeakEvidence::holders, "Which parts of the gauge hold what was kept, largest first.");
    member("floor", &LeakEvidence::floor, "The floor: at rest, by block of each load, at rest again.");
}

template <typename Visitor>
void describe(Visitor& member, Of<LeakCertificate>)
{
    member("text", &LeakCertificate::text, "The bound that was shown, and what a smaller one would take.");
    member("production_hours", &LeakCertificate::production_hours,
           "Hours of production that the run's operations are worth; null without a production_rate.");
    member("upper_bound_per_production_hour", &LeakCertificate::upper_bound_per_production_hour,
           "The one-sided 95 % bound per such hour; null without a production_rate.");
}

template <typename Visitor>
void describe(Visitor& member, Of<LeakSelfTest>)
{
    member("rows", &LeakSelfTest::rows, "Kinds of series of known truth.");
    member("rows_held", &LeakSelfTest::rows_held, "Of these, within their bounds.");
    member("series", &LeakSelfTest::series, "Series of each kind.");
    member("worst_false_positive_rate", &LeakSelfTest::worst_false_positive_rate,
           "The largest share of series without a leak that were called growing, as a share.");
    member("worst_power", &LeakSelfTest::worst_power, "The smallest share of leaks that were found, as a share.");
}

template <typename Visitor>
void describe(Visitor& member, Of<LeakFinding>)
{
    member("gauge", &LeakFinding::gauge, "The gauge that was judged.");
    member("kind", &LeakFinding::kind, "What the gauge measures.");
    member("unit", &LeakFinding::unit, "The unit of its values; empty for a plain count.");
    member("verdict", &LeakFinding::verdict, "What was found.");
    member("residual", &LeakFinding::residual, "What is still held after quiesce, with its interval.");
    member("per_hour", &LeakFinding::per_hour, "Held per hour of load; null when not estimated.");
    member("per_1000_operations", &LeakFinding::per_1000_operations,
           "Held per 1000 operations; null when not estimated.");
    member("upper_bound_per_hour", &LeakFinding::upper_bound_per_hour,
           "The one-sided 95 % bound per hour; null when unlimited.");
    member("upper_bound_per_1000_operations", &LeakFinding::upper_bound_per_1000_operations,
           "The one-sided 95 % bound per 1000 operations; null when unlimited.");
    member("exposure_hours", &LeakFinding::exposure_hours, "Hours of load behind the judgement.");
    member("exposure_operations", &LeakFinding::exposure_operations, "Operations behind the judgement.");
    member("attribution", &LeakFinding::attribution, "What the leak follows; null when nothing was found.");
    member("evidence", &LeakFinding::evidence, "What the verdict rests on.");
    member("certificate", &LeakFinding::certificate, "What a finding of no leak is worth; null otherwise.");
    member("why", &LeakFinding::why, "Why this verdict.");
    member("what_more", &LeakFinding::what_more, "What it would take to say more; empty when nothing.");
}

template <typename Visitor>
void describe(Visitor& member, Of<SloVerdict>)
{
    member("expression", &SloVerdict::expression, "The expression, as written.");
    member("outcome", &SloVerdict::outcome, "met, missed, or not_shown for want of data.");
    member("measured", &SloVerdict::measured, "What was measured, with its unit.");
    member("why", &SloVerdict::why, "Why this outcome; empty when the figure says it.");
}

template <typename Visitor>
void describe(Visitor& member, Of<Stamp>)
{
    member("at_seconds", &Stamp::at_seconds, "Seconds since the start of the run.");
    member("kind", &Stamp::kind, "phase, probe_failed, service_died, invalid, note or another kind of event.");
    member("text", &Stamp::text, "What happened.");
}

template <typename Visitor>
void describe(Visitor& member, Of<ServiceInfo>)
{
    member("name", &ServiceInfo::name, "The service's name in the stack.");
    member("kind", &ServiceInfo::kind, "What it is.");
    member("version", &ServiceInfo::version, "Its version; empty when not known.");
}

template <typename Visitor>
void describe(Visitor& member, Of<FileNote>)
{
    member("path", &FileNote::path, "The file, inside the run's folder unless absolute.");
    member("what", &FileNote::what, "What it holds.");
}

template <typename Visitor>
void describe(Visitor& member, Of<WebSockets>)
{
    member("ws_sessions", &WebSockets::sessions, "WebSockets that were opened.");
    member("ws_connecting", &WebSockets::connecting,
           "Time of the opening handshake, from its actual start, with those that failed.");
    member("ws_msgs_sent", &WebSockets::messages_sent, "Messages sent.");
    member("ws_msgs_received", &WebSockets::messages_received, "Messages received.");
}

template <typename Visitor>
void describe(Visitor& member, Of<OmissionCanary>)
{
    member("interval_seconds", &OmissionCanary::interval_seconds, "Mean time between the requests of one user.");
    member("longest_seconds", &OmissionCanary::longest_seconds, "The longest service time.");
    member("omitted_requests", &OmissionCanary::omitted_requests,
           "Requests that the same rate would have sent while users waited.");
    member("p99_seconds", &OmissionCanary::p99_seconds, "99th percentile with those requests.");
    member("p999_seconds", &OmissionCanary::p999_seconds, "99.9th percentile with them.");
}

template <typename Visitor>
void describe(Visitor& member, Of<RunVerdict>)
{
    member("outcome", &RunVerdict::outcome, "passed, failed, invalid or interrupted.");
    member("exit_code", &RunVerdict::exit_code, "The exit code of the run.");
    member("sentence", &RunVerdict::sentence, "The verdict in words.");
}

template <typename Visitor>
void describe(Visitor& member, Of<RunResult>)
{
    member("format", &RunResult::format, "The version of this format.");
    member("squall_version", &RunResult::squall_version, "The version of squall that wrote it.");
    member("run", &RunResult::run, "Which run this is.");
    member("verdict", &RunResult::verdict, "The verdict over the whole run.");
    member("generator", &RunResult::generator, "The health of the load generator itself.");
    member("phases", &RunResult::phases, "The phases of the run, in order.");
    member("populations", &RunResult::populations, "The kinds of users and how they arrived.");
    member("totals", &RunResult::totals, "Totals of the load phase.");
    member("all_steps", &RunResult::all_steps, "All steps together.");
    member("steps", &RunResult::steps, "Each step.");
    member("websockets", &RunResult::websockets, "The WebSockets of the load phase; null where no step opens one.");
    member("omission_canary", &RunResult::omission_canary,
           "What closed users cannot see, estimated; null where some arrive at a rate, which shows it.");
    member("errors", &RunResult::errors, "Errors by step and kind.");
    member("leak_self_test", &RunResult::leak_self_test,
           "What the leak estimators make of series of known truth; null in results of older versions.");
    member("leaks", &RunResult::leaks, "What each gauge kept after quiesce.");
    member("slos", &RunResult::slos, "The verdict over each SLO.");
    member("gauges", &RunResult::gauges, "Every gauge that the probes read.");
    member("seconds", &RunResult::seconds, "The run second by second.");
    member("stamps", &RunResult::stamps, "Events of the run.");
    member("notes", &RunResult::notes, "What holds for the whole run.");
    member("stack", &RunResult::stack, "The services of the managed stack.");
    member("files", &RunResult::files, "The files in the run's folder.");
}

} // namespace squall::result
