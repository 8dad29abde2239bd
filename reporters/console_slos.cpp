// The SLO table, the notes, and what ran where: the end of the summary.
#include "reporters/console_sections.hpp"

#include "reporters/numbers.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace squall::reporters {
namespace {

using result::RunResult;
using result::SloOutcome;

constexpr std::size_t most_stamps = 12;

struct OutcomeText {
    std::string_view text;
    Style style;
    int rank; // what a reader must see first
};

OutcomeText text_of(SloOutcome outcome)
{
    switch (outcome) {
    case SloOutcome::missed:
        return {"✗ missed", Style::bad, 0};
    case SloOutcome::not_shown:
        return {"? not shown", Style::warning, 1};
    case SloOutcome::met:
        break;
    }
    return {"✓ met", Style::good, 2};
}

std::vector<result::Stamp> stamps_to_show(const RunResult& result)
{
    auto stamps = result.stamps;
    std::erase_if(stamps, [](const auto& stamp) { return stamp.kind == "phase"; });
    return stamps;
}

Style style_of_stamp(const std::string& kind)
{
    return kind == "note" ? Style::dim : Style::warning;
}

std::string words_of(std::string kind)
{
    std::replace(kind.begin(), kind.end(), '_', ' ');
    return kind;
}

std::string arrivals(const RunResult& result)
{
    std::string text;
    for (const auto& population : result.populations) {
        const auto model = population.model == result::ArrivalModel::open ? "open" : "closed";
        text += fmt::format("{}{}: {} ({})", text.empty() ? "" : " · ", population.user, population.arrival, model);
    }
    return text;
}

std::string phases(const RunResult& result)
{
    std::string text;
    for (const auto& phase : result.phases) {
        text += fmt::format("{}{} {}", text.empty() ? "" : " → ", phase.name,
                            seconds_text(phase.end_seconds - phase.begin_seconds));
    }
    return text;
}

std::string stack(const RunResult& result)
{
    std::string text;
    for (const auto& service : result.stack) {
        const auto kind = service.kind.empty() || service.kind == service.name ? "" : " (" + service.kind + ")";
        const auto version = service.version.empty() ? "" : " " + service.version;
        text += fmt::format("{}{}{}{}", text.empty() ? "" : " · ", service.name, kind, version);
    }
    return text;
}

std::string started(const result::RunInfo& run)
{
    const auto took = "took " + seconds_text(run.duration_seconds);
    return run.started.empty() ? took : run.started + " · " + took;
}

/// What the verdicts on leaks are worth, measured on series of known truth.
std::string self_test(const result::LeakSelfTest& test)
{
    return fmt::format("{} of {} kinds of series within their bounds ({} of each): false alarms at most {:.1f}%, leaks "
                       "found at least {:.1f}%",
                       test.rows_held, test.rows, count_text(test.series), 100 * test.worst_false_positive_rate,
                       100 * test.worst_power);
}

} // namespace

void write_slos(Page& page, const RunResult& result)
{
    if (result.slos.empty()) {
        return;
    }
    auto slos = result.slos;
    std::stable_sort(slos.begin(), slos.end(), [](const auto& left, const auto& right) {
        return text_of(left.outcome).rank < text_of(right.outcome).rank;
    });
    page.heading("SLOs");
    Table table(
        {{""}, {"", Align::left, Fit::cut, 20}, {"", Align::left, Fit::wrap, 10}, {"", Align::left, Fit::wrap, 16}});
    for (const auto& slo : slos) {
        const auto outcome = text_of(slo.outcome);
        table.add_row({{std::string(outcome.text), outcome.style},
                       {slo.expression},
                       {slo.measured, slo.outcome == SloOutcome::met ? Style::plain : outcome.style},
                       {page.narrow() ? "" : slo.why, Style::dim}});
        if (page.narrow() && !slo.why.empty()) {
            table.add_note(slo.why, 4, Style::dim);
        }
    }
    page.table(table);
}

void write_notes(Page& page, const RunResult& result)
{
    const auto stamps = stamps_to_show(result);
    if (stamps.empty() && result.notes.empty()) {
        return;
    }
    page.heading("NOTES");
    for (const auto& note : result.notes) {
        page.paragraph("· " + note);
    }
    Table table({{"", Align::right}, {""}, {"", Align::left, Fit::wrap, 20}});
    for (std::size_t at = 0; at < stamps.size() && at < most_stamps; ++at) {
        table.add_row({{clock_text(stamps[at].at_seconds), Style::dim},
                       {words_of(stamps[at].kind), style_of_stamp(stamps[at].kind)},
                       {stamps[at].text}});
    }
    if (stamps.size() > most_stamps) {
        table.add_note(fmt::format("and {} more in result.json", stamps.size() - most_stamps), 0, Style::dim);
    }
    page.table(table);
}

void write_run(Page& page, const RunResult& result)
{
    page.heading("RUN", result.squall_version.empty() ? "" : "squall " + result.squall_version);
    Table table({{""}, {"", Align::left, Fit::wrap, 20}});
    const auto add = [&](std::string name, std::string text) {
        if (!text.empty()) {
            table.add_row({{std::move(name), Style::dim}, {std::move(text)}});
        }
    };
    add("users", arrivals(result));
    add("phases", phases(result));
    add("stack", stack(result));
    add("scenario", fmt::format("{} · seed {}", result.run.scenario_file, result.run.seed));
    add("started", started(result.run));
    add("folder", result.run.folder);
    for (const auto& file : result.files) {
        add("", fmt::format("{} — {}", file.path, file.what));
    }
    if (result.leak_self_test && !result.leaks.empty()) {
        add("leak self-test", self_test(*result.leak_self_test));
    }
    add("exit code", fmt::format("{}", result.verdict.exit_code));
    page.table(table);
}

} // namespace squall::reporters
