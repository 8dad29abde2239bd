#include "engine/conclude_load.hpp"

#include "engine/omission_canary.hpp"

#include <algorithm>
#include <thread>

namespace squall::engine {
namespace {

using result::ArrivalModel;

constexpr double longest_interval = 1e6; // seconds; a damaged journal may say anything

/// `dropped` arrivals have no time: of all percentiles they stand above what was measured.
result::LatencySummary summary_of(const measure::Histogram& histogram, std::uint64_t censored, std::uint64_t dropped)
{
    result::LatencySummary summary;
    if (histogram.count() == 0) {
        return summary;
    }
    summary.count = histogram.count() + dropped;
    const double stretch = static_cast<double>(summary.count) / static_cast<double>(histogram.count());
    const auto at = [&histogram, stretch](double percent) {
        return to_seconds(histogram.value_at(Percentile::of(std::min(100.0, percent * stretch))));
    };
    summary.min_seconds = to_seconds(histogram.min());
    summary.mean_seconds = to_seconds(histogram.mean());
    summary.p50_seconds = at(50);
    summary.p90_seconds = at(90);
    summary.p95_seconds = at(95);
    summary.p99_seconds = at(99);
    summary.p999_seconds = at(99.9);
    summary.max_seconds = to_seconds(histogram.max());
    summary.censored = censored + dropped > 0;
    summary.censored_count = censored + dropped;
    return summary;
}

result::PhaseMeans means_of(const measure::StepWindow& step)
{
    const auto mean = [&step](Duration sum) {
        return step.requests == 0 ? 0 : to_seconds(sum) / static_cast<double>(step.requests);
    };
    const auto& sums = step.phase_sums;
    return {mean(sums.blocked), mean(sums.connecting), mean(sums.tls_handshaking),
            mean(sums.sending), mean(sums.waiting),    mean(sums.receiving)};
}

double per_second(std::uint64_t count, double seconds)
{
    return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

result::StepResult result_of(std::string name, ArrivalModel model, const measure::StepWindow& step, double seconds,
                             std::uint64_t dropped)
{
    result::StepResult result;
    result.name = std::move(name);
    result.model = model;
    result.requests = step.requests;
    result.requests_per_second = per_second(step.requests, seconds);
    result.errors = step.error_count();
    for (const auto& [kind, count] : step.errors) {
        if (count > 0) {
            result.errors_by_kind[std::string(measure::to_string(kind))] = count;
        }
    }
    for (const auto& [status, count] : step.statuses) {
        if (count > 0) {
            result.statuses[std::to_string(status)] = count;
        }
    }
    result.recovered = step.recovered;
    result.lost = step.lost;
    result.messages_sent = step.messages_sent;
    result.messages_received = step.messages_received;
    result.sent_bytes = step.bytes_sent;
    result.received_bytes = step.bytes_received;
    result.response = summary_of(step.response, step.censored, dropped);
    result.service = summary_of(step.service, step.censored, 0);
    result.send_lag = summary_of(step.lag, 0, 0);
    result.phase_means = means_of(step);
    result.response_histogram = step.response.encode();
    result.service_histogram = step.service.encode();
    return result;
}

measure::StepWindow sum_of_steps(const RunRecord& record)
{
    measure::StepWindow sum;
    for (const auto& step : record.load.steps) {
        sum.add(step);
    }
    return sum;
}

bool any_open(const RunRecord& record)
{
    return std::any_of(record.header.populations.begin(), record.header.populations.end(),
                       [](const auto& population) { return population.open; });
}

std::string example_of(const RunRecord& record, const std::string& step, const std::string& kind)
{
    for (const auto& example : record.error_examples) {
        if (example.step == step && example.error == kind) {
            return example.text;
        }
    }
    return {};
}

const analysis::GaugeSeries* gauge(const RunRecord& record, const std::string& name)
{
    const auto found = record.gauges.find(name);
    return found == record.gauges.end() || found->second.points.empty() ? nullptr : &found->second;
}

double highest(const analysis::GaugeSeries& series)
{
    return std::max_element(series.points.begin(), series.points.end(),
                            [](const auto& a, const auto& b) { return a.value < b.value; })
        ->value;
}

/// The highest mean over a second, so that a 250 ms reading's own jitter is no peak.
double busiest_second(std::span<const analysis::GaugePoint> cpu)
{
    double highest = 0;
    for (std::size_t first = 0, last = 1; last < cpu.size(); ++last) {
        while (cpu[last].at_seconds - cpu[first].at_seconds > 1.5) {
            ++first;
        }
        const double span = cpu[last].at_seconds - cpu[first].at_seconds;
        if (span >= 0.9) {
            highest = std::max(highest, (cpu[last].value - cpu[first].value) / span);
        }
    }
    return highest;
}

void fill_cpu(const RunRecord& record, result::GeneratorHealth& health)
{
    const auto* cpu = gauge(record, "generator.cpu_seconds");
    double used = 0;
    double seconds = 0;
    for (const auto& phase : record.phases) {
        if (cpu == nullptr || phase.phase != measure::Phase::load) {
            continue;
        }
        const auto points = analysis::points_between(cpu->points, phase.begin, phase.end);
        if (points.size() >= 2) {
            used += points.back().value - points.front().value;
            seconds += points.back().at_seconds - points.front().at_seconds;
            health.cpu_max = std::max(health.cpu_max, busiest_second(points));
        }
    }
    health.cpu_mean = seconds > 0 ? used / seconds : 0;
}

void fill_verdict(const RunRecord& record, result::GeneratorHealth& health)
{
    const double planned_seconds = record.planned_load_seconds();
    const double seconds =
        planned_seconds > 0 ? std::min(record.load_seconds(), planned_seconds) : record.load_seconds();
    auto facts = record.generator.facts(record.load, record.header, seconds);
    facts.sending_seconds = record.load_seconds();
    const auto verdict = judge_generator(facts);
    health.saturated = verdict.invalid;
    health.held_back_by = to_string(verdict.held_back);
    health.reason = verdict.reason;
    health.notes = verdict.notes;
    health.planned_per_second = verdict.planned_per_second;
    health.reached_per_second = verdict.reached_per_second;
    health.thread_cpu_mean = facts.ran_mean;
    health.thread_cpu_max = record.generator.ran_max();
}

} // namespace

std::vector<result::StepResult> step_results(const RunRecord& record)
{
    std::vector<result::StepResult> steps;
    const auto dropped = one_population(record) ? record.load.iterations_dropped : 0;
    for (std::size_t id = 0; id < record.header.steps.size(); ++id) {
        const auto model = record.header.open_model.at(id) ? ArrivalModel::open : ArrivalModel::closed;
        steps.push_back(
            result_of(record.header.steps[id], model, record.load.steps[id], record.load_seconds(), dropped));
    }
    return steps;
}

result::StepResult all_steps_result(const RunRecord& record)
{
    const auto model = any_open(record) ? ArrivalModel::open : ArrivalModel::closed;
    return result_of("all", model, sum_of_steps(record), record.load_seconds(), record.load.iterations_dropped);
}

std::optional<result::WebSockets> websockets_of(const RunRecord& record)
{
    measure::StepWindow sum;
    bool any = false;
    for (std::size_t id = 0; id < std::min(record.header.websocket.size(), record.load.steps.size()); ++id) {
        if (record.header.websocket[id]) {
            any = true;
            sum.add(record.load.steps[id]);
        }
    }
    if (!any) {
        return std::nullopt;
    }
    return result::WebSockets{sum.requests - sum.error_count(), summary_of(sum.service, sum.censored, 0),
                              sum.messages_sent, sum.messages_received};
}

std::optional<result::OmissionCanary> canary_of(const RunRecord& record)
{
    const auto sum = sum_of_steps(record);
    if (any_open(record) || sum.requests == 0) {
        return std::nullopt;
    }
    const double interval = record.user_seconds / static_cast<double>(sum.requests);
    return interval > 0 && interval < longest_interval ? omission_canary(sum.service, from_seconds(interval))
                                                       : std::nullopt;
}

result::Totals totals(const RunRecord& record)
{
    const auto sum = sum_of_steps(record);
    result::Totals totals;
    totals.load_seconds = record.load_seconds();
    totals.requests = sum.requests;
    totals.requests_per_second = per_second(sum.requests, totals.load_seconds);
    totals.errors = sum.error_count();
    totals.error_rate = sum.requests == 0 ? 0 : static_cast<double>(totals.errors) / static_cast<double>(sum.requests);
    totals.iterations_started = record.load.iterations_started + record.begun_in_warm_up;
    totals.iterations_completed = record.load.iterations_completed;
    totals.iterations_dropped = record.load.iterations_dropped;
    totals.data_sent_bytes = sum.bytes_sent;
    totals.data_received_bytes = sum.bytes_received;
    totals.users_max = static_cast<std::uint64_t>(record.users_max);
    totals.in_flight_max = static_cast<std::uint64_t>(record.in_flight_max);
    return totals;
}

std::vector<result::ErrorRow> error_rows(const RunRecord& record)
{
    std::vector<result::ErrorRow> rows;
    for (std::size_t id = 0; id < record.header.steps.size(); ++id) {
        const auto& step = record.header.steps[id];
        for (const auto& [kind, count] : record.load.steps[id].errors) {
            if (count > 0) {
                const std::string word(measure::to_string(kind));
                rows.push_back({step, word, count, example_of(record, step, word)});
            }
        }
    }
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.count > b.count; });
    return rows;
}

result::GeneratorHealth generator_health(const RunRecord& record)
{
    result::GeneratorHealth health;
    const auto lag = sum_of_steps(record).lag;
    health.send_lag_p50_seconds = to_seconds(lag.value_at(Percentile::of(50)));
    health.send_lag_p99_seconds = to_seconds(lag.value_at(Percentile::of(99)));
    health.send_lag_max_seconds = to_seconds(lag.max());
    health.send_lag_histogram = lag.encode();
    health.cpu_available = std::max(1U, std::thread::hardware_concurrency());
    fill_cpu(record, health);
    if (const auto* rss = gauge(record, "generator.rss")) {
        health.rss_start_bytes = static_cast<std::uint64_t>(rss->points.front().value);
        health.rss_end_bytes = static_cast<std::uint64_t>(rss->points.back().value);
        health.rss_max_bytes = static_cast<std::uint64_t>(highest(*rss));
    }
    if (const auto* fds = gauge(record, "generator.fds")) {
        health.fds_start = static_cast<std::int64_t>(fds->points.front().value);
        health.fds_end = static_cast<std::int64_t>(fds->points.back().value);
        health.fds_max = static_cast<std::int64_t>(highest(*fds));
    }
    if (record.end && record.end->self_check) {
        const auto& check = *record.end->self_check;
        health.fds_start = check.descriptors_before;
        health.fds_end = check.descriptors_after;
        health.fds_leaked = check.descriptors_left;
        health.processes_leaked = check.processes_left;
        health.left_behind = check.left;
    }
    fill_verdict(record, health);
    health.iterations_scheduled = record.load.iterations_started + record.load.iterations_dropped;
    health.iterations_dropped = record.load.iterations_dropped;
    return health;
}

std::vector<result::Population> populations(const RunRecord& record)
{
    std::vector<result::Population> populations;
    populations.reserve(record.header.populations.size());
    for (const auto& population : record.header.populations) {
        populations.push_back(
            {population.name, population.open ? ArrivalModel::open : ArrivalModel::closed, population.arrival,
             population.open
                 ? ""
                 : "closed model: while the service is slow fewer requests start, so percentiles flatter it "
                   "(coordinated omission); an arrival rate shows what such users would have waited"});
    }
    return populations;
}

} // namespace squall::engine
