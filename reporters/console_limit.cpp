#include "reporters/console_limit.hpp"

#include "reporters/numbers.hpp"
#include "reporters/page.hpp"
#include "reporters/text_width.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace squall::reporters {
namespace {

using result::LimitTrial;
using result::LoadLimit;
using result::TrialOutcome;

std::string level_of(const LoadLimit& limit, double level)
{
    return limit.unit == result::Unit::per_second ? rate_text(level) : fmt::format("{:.0f} users", level);
}

std::string badge_text(const LoadLimit& limit)
{
    if (!limit.held) {
        return " ✗ NO LEVEL HELD ";
    }
    return fmt::format(" {} {}{} ", limit.failed ? "✓" : "≥", level_of(limit, *limit.held),
                       limit.exit_code == 0 ? "" : " OR MORE");
}

Style badge_style(const LoadLimit& limit)
{
    if (!limit.held) {
        return Style::bad_badge;
    }
    return limit.exit_code == 0 ? Style::good_badge : Style::warning_badge;
}

Cell outcome_cell(TrialOutcome outcome)
{
    switch (outcome) {
    case TrialOutcome::held:
        return {"✓ held", Style::good};
    case TrialOutcome::missed:
        return {"✗ missed", Style::bad};
    case TrialOutcome::invalid:
        break;
    }
    return {"! invalid", Style::warning};
}

std::string latency_or_none(const std::optional<double>& seconds)
{
    return seconds ? latency_text(*seconds) : "–";
}

} // namespace

std::string render_console_limit(const LoadLimit& limit, const ConsoleOptions& options)
{
    Page page(static_cast<std::size_t>(std::max(options.width, 0)), options.color);
    const auto title = printable(limit.profile.empty() ? limit.name : limit.name + " · " + limit.profile);
    page.raw_line(page.paint()(badge_style(limit), badge_text(limit)) + "  " + page.paint()(Style::strong, title));
    page.blank();
    page.paragraph(limit.sentence);
    page.heading("TRIALS", "from the lowest load to the highest");
    Table table({{limit.unit == result::Unit::per_second ? "load" : "users", Align::right},
                 {""},
                 {"reached", Align::right, Fit::keep, 0, 2},
                 {"errors", Align::right, Fit::keep, 0, 1},
                 {"p50", Align::right, Fit::keep, 0, 3},
                 {"p99", Align::right},
                 {"", Align::left, Fit::wrap, 20}});
    auto trials = limit.trials;
    std::stable_sort(trials.begin(), trials.end(),
                     [](const LimitTrial& left, const LimitTrial& right) { return left.level < right.level; });
    for (const auto& trial : trials) {
        table.add_row({{level_of(limit, trial.level)},
                       outcome_cell(trial.outcome),
                       {rate_text(trial.requests_per_second)},
                       {share_text(trial.error_rate)},
                       {latency_or_none(trial.p50_seconds)},
                       {latency_or_none(trial.p99_seconds)},
                       {trial.reason, Style::dim}});
    }
    page.table(table);
    return page.text();
}

} // namespace squall::reporters
