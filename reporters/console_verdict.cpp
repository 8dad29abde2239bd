// First what the run says, then whether the generator that says it can be trusted.
#include "reporters/console_sections.hpp"

#include "base/text.hpp"
#include "reporters/numbers.hpp"
#include "reporters/text_width.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace squall::reporters {
namespace {

using result::RunOutcome;
using result::RunResult;
using result::SloOutcome;

struct Badge {
    std::string_view text;
    Style style;
};

Badge badge_of(RunOutcome outcome)
{
    switch (outcome) {
    case RunOutcome::passed:
        return {" ✓ PASSED ", Style::good_badge};
    case RunOutcome::failed:
        return {" ✗ FAILED ", Style::bad_badge};
    case RunOutcome::invalid:
        return {" ! INVALID ", Style::warning_badge};
    case RunOutcome::interrupted:
        break;
    }
    return {" ! INTERRUPTED ", Style::warning_badge};
}

std::string title_of(const result::RunInfo& run)
{
    return printable(run.profile.empty() ? run.name : run.name + " · " + run.profile);
}

std::string slo_counts(const std::vector<result::SloVerdict>& slos)
{
    const auto count = [&](SloOutcome outcome) {
        return std::count_if(slos.begin(), slos.end(), [&](const auto& slo) { return slo.outcome == outcome; });
    };
    const auto missed = count(SloOutcome::missed);
    const auto not_shown = count(SloOutcome::not_shown);
    if (slos.empty()) {
        return "no SLO was judged";
    }
    const auto head = missed > 0 ? fmt::format("{} of {} SLOs missed", missed, slos.size())
                                 : fmt::format("{} of {} SLOs met", count(SloOutcome::met), slos.size());
    return not_shown > 0 ? head + fmt::format(", {} not shown", not_shown) : head;
}

void write_reservations(Page& page, const result::RunInfo& run)
{
    if (run.interrupted) {
        const auto reason = run.interrupted_reason.empty() ? "" : ": " + run.interrupted_reason;
        page.paragraph(fmt::format("! ended early, after {}{}", seconds_text(run.duration_seconds), reason),
                       Style::warning);
    }
    if (run.from_journal) {
        const auto until = run.journal_until_seconds ? " up to " + clock_text(*run.journal_until_seconds) : "";
        page.paragraph("! the harness died; this is its journal" + until, Style::warning);
    }
    if (!run.truncated.empty()) {
        page.paragraph("! " + run.truncated, Style::warning);
    }
}

std::string cpu_text(const result::GeneratorHealth& generator)
{
    const auto of = generator.cpu_available > 0 ? " of " + format_significant(generator.cpu_available) : "";
    const auto thread =
        generator.thread_cpu_max ? fmt::format(", busiest thread {:.0f}%", 100 * *generator.thread_cpu_max) : "";
    return fmt::format("CPU {:.2f} mean, {:.2f} max{} {}{}", generator.cpu_mean, generator.cpu_max, of,
                       generator.cpu_available == 1 ? "core" : "cores", thread);
}

/// Empty for closed users, who have no schedule.
std::string schedule_text(const result::GeneratorHealth& generator)
{
    if (!generator.planned_per_second || !generator.reached_per_second) {
        return {};
    }
    return fmt::format("{} of {} arrivals on time", rate_text(*generator.reached_per_second),
                       rate_text(*generator.planned_per_second));
}

} // namespace

void write_verdict(Page& page, const RunResult& result)
{
    const auto badge = badge_of(result.verdict.outcome);
    const auto counts = slo_counts(result.slos);
    const auto before_title = display_width(badge.text) + 2;
    const auto room = page.width() - before_title;
    const bool one_line = display_width(title_of(result.run)) + 2 + display_width(counts) <= room;
    const auto title = cut_middle(title_of(result.run), room);
    auto line = page.paint()(badge.style, badge.text) + "  " + page.paint()(Style::strong, title);
    if (one_line) {
        line += std::string(room - display_width(title) - display_width(counts), ' ') + counts;
    }
    page.raw_line(line);
    if (!one_line) {
        page.paragraph(counts);
    }
    if (!result.verdict.sentence.empty()) {
        page.blank();
        page.paragraph(result.verdict.sentence);
    }
    write_reservations(page, result.run);
}

void write_generator_health(Page& page, const RunResult& result)
{
    const auto& generator = result.generator;
    const bool doubtful =
        generator.iterations_dropped > 0 || !generator.left_behind.empty() || !generator.notes.empty();
    page.heading("GENERATOR HEALTH", generator.saturated ? "the figures below show the generator's limits"
                                     : doubtful          ? "read the figures below with this in mind"
                                                         : "the figures below are the system's, not the generator's");
    const Cell state = generator.saturated ? Cell{"✗ SATURATED", Style::bad}
                       : doubtful          ? Cell{"! strained", Style::warning}
                                           : Cell{"✓ healthy", Style::good};
    const auto dropped = generator.iterations_dropped;
    std::vector<Cell> figures{
        state,
        {schedule_text(generator), generator.saturated ? Style::bad : Style::plain},
        {fmt::format("send lag p50 {}, p99 {}, max {}", latency_text(generator.send_lag_p50_seconds),
                     latency_text(generator.send_lag_p99_seconds), latency_text(generator.send_lag_max_seconds))},
        {cpu_text(generator)},
        {fmt::format("dropped {} of {} iterations", count_text(dropped), count_text(generator.iterations_scheduled)),
         dropped > 0 ? Style::warning : Style::plain},
        {fmt::format("RSS {} → {}", bytes_text(static_cast<double>(generator.rss_start_bytes)),
                     bytes_text(static_cast<double>(generator.rss_end_bytes)))},
        {fmt::format("fds {} → {}, {} at most", generator.fds_start, generator.fds_end, generator.fds_max)},
        {generator.fds_leaked && generator.left_behind.empty() ? "nothing left open" : ""}};
    std::erase_if(figures, [](const Cell& cell) { return cell.text.empty(); });
    page.flow(figures);
    if (!generator.left_behind.empty()) {
        page.paragraph(fmt::format("! the generator itself left behind {}; please report this",
                                   fmt::join(generator.left_behind, ", ")),
                       Style::warning);
    }
    for (const auto& note : generator.notes) {
        page.paragraph("! " + note, Style::warning);
    }
}

} // namespace squall::reporters
