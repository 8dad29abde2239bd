#include "reporters/console_comparison.hpp"

#include "reporters/numbers.hpp"
#include "reporters/page.hpp"
#include "reporters/text_width.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace squall::reporters {
namespace {

using result::Comparison;
using result::ComparisonRow;
using result::ComparisonVerdict;

struct VerdictText {
    std::string_view text;
    Style style;
};

VerdictText text_of(ComparisonVerdict verdict)
{
    switch (verdict) {
    case ComparisonVerdict::regressed:
        return {"✗ regressed", Style::bad};
    case ComparisonVerdict::improved:
        return {"✓ improved", Style::good};
    case ComparisonVerdict::no_significant_change:
        return {"= no change", Style::plain};
    case ComparisonVerdict::inconclusive:
        return {"? inconclusive", Style::warning};
    case ComparisonVerdict::not_judged:
        break;
    }
    return {"", Style::plain};
}

std::size_t count(const Comparison& comparison, ComparisonVerdict verdict)
{
    return static_cast<std::size_t>(std::count_if(comparison.rows.begin(), comparison.rows.end(),
                                                  [&](const ComparisonRow& row) { return row.verdict == verdict; }));
}

VerdictText badge_of(const Comparison& comparison)
{
    if (comparison.regressed) {
        return {" ✗ REGRESSED ", Style::bad_badge};
    }
    if (comparison.not_comparable) {
        return {" ! NOT COMPARABLE ", Style::warning_badge};
    }
    return count(comparison, ComparisonVerdict::improved) > 0
               ? VerdictText{" ✓ IMPROVED ", Style::good_badge}
               : VerdictText{" = NO REGRESSION SHOWN ", Style::good_badge};
}

std::string counts_of(const Comparison& comparison)
{
    return fmt::format("{} regressed, {} improved, {} inconclusive", count(comparison, ComparisonVerdict::regressed),
                       count(comparison, ComparisonVerdict::improved),
                       count(comparison, ComparisonVerdict::inconclusive));
}

std::string value_text(const std::string& text, const std::optional<double>& value, result::Unit unit)
{
    return !text.empty() ? text : value ? unit_text(*value, unit) : "–";
}

/// One name for both runs, or nothing when they are runs of different scenarios.
std::string common_name(const Comparison& comparison)
{
    return comparison.before.name == comparison.after.name ? comparison.before.name : "";
}

void write_runs(Page& page, const Comparison& comparison)
{
    Table table({{""},
                 {"", Align::left, Fit::cut, 16},
                 {""},
                 {"", Align::left, Fit::keep, 0, 2},
                 {"", Align::left, Fit::cut, 16, 1}});
    const bool same = !common_name(comparison).empty();
    const auto add = [&](std::string which, const result::RunReference& run) {
        const auto whole = run.profile.empty() ? run.name : run.name + " · " + run.profile;
        table.add_row({{std::move(which), Style::dim},
                       {same ? run.profile : whole, Style::strong},
                       {run.verdict},
                       {run.started, Style::dim},
                       {run.folder, Style::dim}});
    };
    add("before", comparison.before);
    add("after", comparison.after);
    page.table(table);
}

void write_head(Page& page, const Comparison& comparison)
{
    const auto badge = badge_of(comparison);
    const auto room = page.width() - display_width(badge.text) - 2;
    const auto title = cut_middle(printable(common_name(comparison)), room);
    const auto counts = counts_of(comparison);
    const auto blanks = room - display_width(title);
    const bool one_line = display_width(counts) + 2 <= blanks;
    auto line =
        page.paint()(badge.style, badge.text) + (title.empty() ? "" : "  ") + page.paint()(Style::strong, title);
    page.raw_line(one_line ? line.append(blanks - display_width(counts) + (title.empty() ? 2 : 0), ' ') + counts
                           : line);
    if (!one_line) {
        page.paragraph(counts);
    }
}

/// Groups in the order of their first row, so that rows of a group stand together whatever their order.
std::vector<std::string> groups_of(const Comparison& comparison)
{
    std::vector<std::string> groups;
    for (const auto& row : comparison.rows) {
        if (std::find(groups.begin(), groups.end(), row.group) == groups.end()) {
            groups.push_back(row.group);
        }
    }
    return groups;
}

/// A short reason stands beside its row, a long one below.
void add_row(Table& table, const ComparisonRow& row, bool room_beside)
{
    constexpr std::size_t longest_beside = 20;
    const auto verdict = text_of(row.verdict);
    const bool beside = room_beside && display_width(row.why) <= longest_beside;
    table.add_row({{"  " + row.metric},
                   {value_text(row.before_text, row.before, row.unit)},
                   {value_text(row.after_text, row.after, row.unit)},
                   {row.change ? change_text(*row.change) : ""},
                   {std::string(verdict.text), verdict.style},
                   {beside ? row.why : "", Style::dim}});
    if (!beside && !row.why.empty()) {
        table.add_note(row.why, 4, Style::dim);
    }
}

void write_rows(Page& page, const Comparison& comparison)
{
    if (comparison.rows.empty()) {
        return;
    }
    page.blank();
    Table table({{"", Align::left, Fit::cut, 15},
                 {"before", Align::right, Fit::wrap, 18},
                 {"after", Align::right, Fit::wrap, 18},
                 {"change", Align::right, Fit::keep, 0, 1},
                 {""},
                 {"", Align::left, Fit::wrap, 16, 2}});
    for (const auto& group : groups_of(comparison)) {
        table.add_note(group, 0, Style::strong);
        for (const auto& row : comparison.rows) {
            if (row.group == group) {
                add_row(table, row, !page.narrow());
            }
        }
    }
    page.table(table);
}

} // namespace

std::string render_console_comparison(const Comparison& comparison, const ConsoleOptions& options)
{
    Page page(static_cast<std::size_t>(std::max(options.width, 0)), options.color);
    write_head(page, comparison);
    if (!comparison.sentence.empty()) {
        page.blank();
        page.paragraph(comparison.sentence);
    }
    page.blank();
    write_runs(page, comparison);
    for (const auto& warning : comparison.warnings) {
        page.paragraph("! " + warning, Style::warning);
    }
    write_rows(page, comparison);
    return page.text();
}

} // namespace squall::reporters
