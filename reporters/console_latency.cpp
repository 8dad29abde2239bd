// How slow, and what went wrong on the way: latency per step, the run over time, errors by kind.
#include "reporters/console_sections.hpp"

#include "base/text.hpp"
#include "reporters/numbers.hpp"
#include "reporters/sparkline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace squall::reporters {
namespace {

using result::ArrivalModel;
using result::LatencySummary;
using result::RunResult;
using result::StepResult;

/// A percentile is a lower bound when its rank may fall among the samples that are only known to be at least so long.
std::string percentile_text(const LatencySummary& latency, double value, double percent)
{
    if (latency.count == 0) {
        return "–";
    }
    const double known_share = 1 - static_cast<double>(latency.censored_count) / static_cast<double>(latency.count);
    const bool bound = latency.censored && (latency.censored_count == 0 || percent / 100 > known_share);
    return (bound ? "≥" : "") + latency_text(value);
}

void add_percentiles(std::vector<Cell>& cells, const LatencySummary& latency, Style style)
{
    cells.push_back({percentile_text(latency, latency.p50_seconds, 50), style});
    cells.push_back({percentile_text(latency, latency.p90_seconds, 90), style});
    cells.push_back({percentile_text(latency, latency.p99_seconds, 99), style});
    cells.push_back({percentile_text(latency, latency.p999_seconds, 99.9), style});
    cells.push_back({percentile_text(latency, latency.max_seconds, 100), style});
}

std::string error_share(std::uint64_t errors, std::uint64_t requests)
{
    return requests == 0 ? "–" : share_text(static_cast<double>(errors) / static_cast<double>(requests));
}

/// Whether the wait before the send is worth a line: a tenth of the response time and at least a millisecond.
bool service_differs(const StepResult& step)
{
    const auto differs = [](double response, double service) {
        return response - service > std::max(0.001, response / 10);
    };
    return step.model == ArrivalModel::open && step.service.count > 0 &&
           (differs(step.response.p50_seconds, step.service.p50_seconds) ||
            differs(step.response.p99_seconds, step.service.p99_seconds) ||
            differs(step.response.max_seconds, step.service.max_seconds));
}

void add_line_below(Table& table, std::string name, const LatencySummary& latency)
{
    std::vector<Cell> cells{{std::move(name), Style::dim}, {}, {}, {}};
    add_percentiles(cells, latency, Style::dim);
    table.add_row(std::move(cells));
}

/// `last`: the row that stands for the whole run, which in an open model always has the service time and the send lag
/// beside the response time.
void add_step(Table& table, const StepResult& step, Style style, bool last)
{
    std::vector<Cell> cells{{step.name, style},
                            {count_text(step.requests), style},
                            {rate_text(step.requests_per_second), style},
                            {error_share(step.errors, step.requests), step.errors > 0 ? Style::bad : style}};
    add_percentiles(cells, step.response, style);
    table.add_row(std::move(cells));
    const bool whole_open_run = last && step.model == ArrivalModel::open && step.service.count > 0;
    if (whole_open_run || service_differs(step)) {
        add_line_below(table, "└ service time", step.service);
    }
    if (whole_open_run) {
        add_line_below(table, "└ send lag", step.send_lag);
    }
}

std::string model_detail(const RunResult& result)
{
    const auto of_model = [&](ArrivalModel model) {
        return std::any_of(result.populations.begin(), result.populations.end(),
                           [&](const auto& population) { return population.model == model; });
    };
    const bool open = of_model(ArrivalModel::open);
    const bool closed = of_model(ArrivalModel::closed);
    const auto from = open && closed ? "from the planned start (closed users: from the send)"
                      : closed       ? "closed model, from the send"
                                     : "open model, from the planned start";
    return fmt::format("{} of load, {}", seconds_text(result.totals.load_seconds), from);
}

void write_totals(Page& page, const RunResult& result)
{
    const auto& totals = result.totals;
    page.flow({{plural(totals.requests, "request")},
               {rate_text(totals.requests_per_second)},
               {share_text(totals.error_rate) + " errors", totals.errors > 0 ? Style::bad : Style::plain},
               {"up to " + plural(totals.users_max, "user")},
               {fmt::format("{} in flight", count_text(totals.in_flight_max))},
               {fmt::format("{} of {} iterations completed", count_text(totals.iterations_completed),
                            count_text(totals.iterations_started))},
               {fmt::format("sent {}, received {}", bytes_text(static_cast<double>(totals.data_sent_bytes)),
                            bytes_text(static_cast<double>(totals.data_received_bytes)))}});
}

void write_late_answers(Page& page, const StepResult& all)
{
    if (all.recovered + all.lost > 0) {
        page.flow({{fmt::format("late answers: {} recovered by polling", count_text(all.recovered))},
                   {fmt::format("{} lost", count_text(all.lost)), all.lost > 0 ? Style::bad : Style::plain}});
    }
}

void write_websockets(Page& page, const RunResult& result)
{
    if (!result.websockets) {
        return;
    }
    const auto& [sessions, connecting, sent, received] = *result.websockets;
    std::vector<Cell> texts{{plural(sessions, "WebSocket")}};
    if (connecting.count > 0) {
        texts.push_back(
            {fmt::format("connecting p50 {}, p99 {}", percentile_text(connecting, connecting.p50_seconds, 50),
                         percentile_text(connecting, connecting.p99_seconds, 99))});
    }
    texts.push_back({fmt::format("messages {} sent, {} received", count_text(sent), count_text(received))});
    page.flow(texts);
}

void write_where_time_went(Page& page, const StepResult& all)
{
    const auto& means = all.phase_means;
    std::vector<std::pair<std::string_view, double>> parts{
        {"blocked", means.blocked_seconds},     {"connecting", means.connecting_seconds},
        {"TLS", means.tls_handshaking_seconds}, {"sending", means.sending_seconds},
        {"waiting", means.waiting_seconds},     {"receiving", means.receiving_seconds}};
    std::erase_if(parts, [](const auto& part) { return !(part.second > 0); });
    if (parts.empty()) {
        return;
    }
    std::vector<Cell> items;
    for (const auto& [name, seconds] : parts) {
        const auto lead = items.empty() ? "mean request: " : "";
        items.push_back({fmt::format("{}{} {}", lead, name, latency_text(seconds)), Style::dim});
    }
    page.flow(items);
}

/// What the closed users did not see.
void write_canary(Page& page, const RunResult& result)
{
    if (!result.omission_canary) {
        return;
    }
    const auto& canary = *result.omission_canary;
    const auto& service = result.all_steps.service;
    page.paragraph(
        canary.omitted_requests == 0
            ? fmt::format(
                  "  omission canary: no answer took longer than the {} in which a user sends once; at the same "
                  "rate an open load would have seen the same",
                  latency_text(canary.interval_seconds))
            : fmt::format(
                  "! omission canary: while users waited, up to {}, the same rate would have sent {} more; with "
                  "them p99 is about {} (measured {}), p99.9 {} ({})",
                  latency_text(canary.longest_seconds), plural(canary.omitted_requests, "request"),
                  latency_text(canary.p99_seconds), latency_text(service.p99_seconds),
                  latency_text(canary.p999_seconds), latency_text(service.p999_seconds)),
        canary.omitted_requests == 0 ? Style::dim : Style::warning);
}

void write_reservations(Page& page, const RunResult& result)
{
    const auto& response = result.all_steps.response;
    if (response.censored) {
        const auto which = response.censored_count > 0 ? fmt::format("{} never finished or never started",
                                                                     plural(response.censored_count, "request"))
                                                       : std::string("requests that could not start are missing");
        page.paragraph("≥ a lower bound: " + which, Style::warning);
    }
    std::map<std::string, std::vector<std::string>> users_by_caveat;
    for (const auto& population : result.populations) {
        users_by_caveat[population.caveat].push_back(population.user);
    }
    for (const auto& [caveat, users] : users_by_caveat) {
        if (!caveat.empty()) {
            const bool of_all = users.size() == result.populations.size();
            page.paragraph("! " + (of_all ? caveat : join(users, ", ") + ": " + caveat), Style::warning);
        }
    }
    write_canary(page, result);
}

struct Trend {
    std::string name;
    std::vector<double> values;
    std::string (*text)(double);
};

void add_trend(Table& table, const Trend& trend, std::size_t columns)
{
    if (trend.values.size() < 5) {
        return;
    }
    const auto [lowest, highest] = std::minmax_element(trend.values.begin(), trend.values.end());
    if (*highest <= 0) {
        return;
    }
    table.add_row({{trend.name, Style::dim},
                   {sparkline(trend.values, columns)},
                   {fmt::format("{} – {}", trend.text(*lowest), trend.text(*highest)), Style::dim}});
}

void write_over_time(Page& page, const RunResult& result)
{
    Trend rate{"requests", {}, rate_text};
    Trend p99{"p99", {}, latency_text};
    Trend errors{"errors", {}, rate_text};
    for (const auto& row : result.seconds) {
        if (row.phase == "load") {
            rate.values.push_back(static_cast<double>(row.requests));
            errors.values.push_back(static_cast<double>(row.errors));
            if (row.p99_seconds) {
                p99.values.push_back(*row.p99_seconds);
            }
        }
    }
    Table table({{""}, {""}, {""}});
    const auto columns = page.inner_width() > 40 ? page.inner_width() - 36 : 12;
    add_trend(table, rate, std::min<std::size_t>(columns, 60));
    add_trend(table, p99, std::min<std::size_t>(columns, 60));
    add_trend(table, errors, std::min<std::size_t>(columns, 60));
    if (!table.empty()) {
        page.blank();
        page.table(table);
    }
}

} // namespace

void write_latency(Page& page, const RunResult& result)
{
    if (result.steps.empty() && result.totals.requests == 0) {
        return;
    }
    page.heading("RESPONSE TIME", model_detail(result));
    Table table({{"step", Align::left, Fit::cut, 8},
                 {"requests", Align::right, Fit::keep, 0, 2},
                 {"rate", Align::right, Fit::keep, 0, 4},
                 {"errors", Align::right},
                 {"p50", Align::right},
                 {"p90", Align::right, Fit::keep, 0, 5},
                 {"p99", Align::right},
                 {"p99.9", Align::right, Fit::keep, 0, 3},
                 {"max", Align::right, Fit::keep, 0, 1}});
    for (const auto& step : result.steps) {
        add_step(table, step, Style::plain, result.steps.size() == 1);
    }
    if (result.steps.size() != 1) {
        auto all = result.all_steps;
        all.name = "all steps";
        add_step(table, all, Style::strong, true);
    }
    page.table(table);
    write_reservations(page, result);
    write_over_time(page, result);
    page.blank();
    write_totals(page, result);
    write_late_answers(page, result.all_steps);
    write_websockets(page, result);
    write_where_time_went(page, result.all_steps);
}

void write_errors(Page& page, const RunResult& result)
{
    if (result.errors.empty()) {
        return;
    }
    page.heading("ERRORS", fmt::format("{} of {} requests", count_text(result.totals.errors),
                                       count_text(result.totals.requests)));
    auto rows = result.errors;
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto& left, const auto& right) { return left.count > right.count; });
    Table table({{"step", Align::left, Fit::cut, 8},
                 {"kind"},
                 {"count", Align::right},
                 {"of step", Align::right, Fit::keep, 0, 1},
                 {"for example", Align::left, Fit::wrap, 20}});
    for (const auto& row : rows) {
        const auto step = std::find_if(result.steps.begin(), result.steps.end(),
                                       [&](const auto& candidate) { return candidate.name == row.step; });
        table.add_row({{row.step},
                       {row.kind, Style::bad},
                       {count_text(row.count)},
                       {step == result.steps.end() ? "" : error_share(row.count, step->requests)},
                       {page.narrow() ? "" : row.example, Style::dim}});
        if (page.narrow() && !row.example.empty()) {
            table.add_note(row.example, 4, Style::dim);
        }
    }
    page.table(table);
}

} // namespace squall::reporters
