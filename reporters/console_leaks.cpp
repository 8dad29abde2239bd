// What was kept after quiesce: each leak with its rate and what it follows, then in a few lines what does not leak.
#include "reporters/console_sections.hpp"

#include "base/text.hpp"
#include "reporters/numbers.hpp"
#include "reporters/sparkline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace squall::reporters {
namespace {

using result::LeakFinding;
using result::LeakVerdict;
using result::RunResult;

constexpr std::size_t most_names = 8; // of gauges that have nothing to tell

struct VerdictText {
    std::string_view mark;
    std::string_view words;
    Style style;
    std::string_view counted; // "2 leaking"
};

VerdictText text_of(LeakVerdict verdict)
{
    switch (verdict) {
    case LeakVerdict::confirmed:
        return {"✗", "LEAK, CONFIRMED", Style::bad, "leaking"};
    case LeakVerdict::suspected:
        return {"✗", "LEAK SUSPECTED", Style::bad, "leaking"};
    case LeakVerdict::retained:
        return {"✗", "RETAINED", Style::bad, "retained"};
    case LeakVerdict::filling:
        return {"!", "FILLING", Style::warning, "filling"};
    case LeakVerdict::grows_but_releases:
        return {"!", "GROWS, BUT RELEASES", Style::warning, "growing, but releasing"};
    case LeakVerdict::unclear:
        return {"?", "UNCLEAR", Style::warning, "unclear"};
    case LeakVerdict::no_leak:
        return {"✓", "NO LEAK", Style::good, "clean"};
    case LeakVerdict::not_enough_data:
        break;
    }
    return {"?", "NOT ENOUGH DATA", Style::plain, "not judged"};
}

bool tells_something(const LeakFinding& leak)
{
    return leak.verdict != LeakVerdict::no_leak && leak.verdict != LeakVerdict::not_enough_data;
}

/// The floor over the run; of results without one, the gauge itself.
std::string floor_of(const RunResult& result, const LeakFinding& leak, std::size_t columns)
{
    std::vector<double> values;
    if (leak.evidence) {
        for (const auto& point : leak.evidence->floor) {
            values.push_back(point.value);
        }
        return sparkline(values, columns);
    }
    for (const auto& candidate : result.gauges) {
        if (candidate.name == leak.gauge) {
            for (const auto& point : candidate.series) {
                values.push_back(point.value);
            }
        }
    }
    return sparkline(values, columns);
}

/// "application=api (30), state=idle_in_transaction (28)"
std::string holders_text(const LeakFinding& leak)
{
    std::vector<std::string> parts;
    if (leak.evidence) {
        for (const auto& holder : leak.evidence->holders) {
            parts.push_back(fmt::format("{}={} ({})", holder.label, holder.value, gauge_text(holder.kept, leak.unit)));
        }
    }
    return join(parts, ", ");
}

/// "5, 6, 4, 5, 6, 41"
std::string cycles_text(const LeakFinding& leak)
{
    std::vector<std::string> parts;
    if (leak.evidence && leak.evidence->kept_by_cycle.size() > 1) {
        for (const double kept : leak.evidence->kept_by_cycle) {
            parts.push_back(gauge_text(kept, leak.unit));
        }
    }
    return join(parts, ", ");
}

/// No candidate: several follow it equally well, and the text names them.
std::string attribution_text(const result::Attribution& attribution)
{
    if (attribution.candidate.empty()) {
        return fmt::format("→ {} (correlation {:.3f})", attribution.text, attribution.correlation);
    }
    const auto text = attribution.text.empty() ? "follows " + attribution.candidate : attribution.text;
    return fmt::format("→ {}, which happened {} times (correlation {:.3f})", text, amount_text(attribution.dose),
                       attribution.correlation);
}

/// "8 gauges: 1 leaking, 1 unclear, 5 clean, 1 not judged"
std::string counts_of(const std::vector<LeakFinding>& leaks)
{
    std::vector<std::string> parts;
    for (const auto* word :
         {"leaking", "retained", "filling", "growing, but releasing", "unclear", "clean", "not judged"}) {
        const auto count = std::count_if(leaks.begin(), leaks.end(), [word](const LeakFinding& leak) {
            return text_of(leak.verdict).counted == word;
        });
        if (count > 0) {
            parts.push_back(fmt::format("{} {}", count, word));
        }
    }
    return plural(leaks.size(), "gauge") + ": " + join(parts, ", ");
}

std::string_view owner_of(const LeakFinding& leak)
{
    return std::string_view(leak.gauge).substr(0, leak.gauge.find('.'));
}

/// The memory of one process, counted in several ways, or what is laid to the same step.
bool is_the_same(const LeakFinding& one, const LeakFinding& other)
{
    const auto memory = result::GaugeKind::memory;
    if (one.kind == memory && other.kind == memory && owner_of(one) == owner_of(other)) {
        return tells_something(one) && tells_something(other);
    }
    return one.attribution && other.attribution && !one.attribution->candidate.empty() &&
           one.attribution->candidate == other.attribution->candidate;
}

/// ", site=login": what tells most of a gauge that has no lines of its own.
std::string largest_holder(const LeakFinding& leak)
{
    if (!leak.evidence || leak.evidence->holders.empty()) {
        return {};
    }
    const auto& holder = leak.evidence->holders.front();
    return fmt::format(", {}={}", holder.label, holder.value);
}

/// The same leak seen by other gauges: a connection is a descriptor, a process and a socket too.
std::string also_seen_in(const std::vector<LeakFinding>& leaks, const LeakFinding& leak)
{
    std::vector<std::string> others;
    for (const auto& other : leaks) {
        if (&other == &leak || !is_the_same(leak, other)) {
            continue;
        }
        const auto amount = other.attribution ? gauge_text(other.attribution->per_dose, other.unit) + " each"
                                              : gauge_text(other.residual.value, other.unit);
        others.push_back(fmt::format("{} ({}{})", other.gauge, amount, largest_holder(other)));
    }
    return join(others, ", ");
}

/// One leak is told once, by the first gauge that shows it.
bool told_before(const std::vector<LeakFinding>& leaks, const LeakFinding& leak)
{
    return std::any_of(leaks.data(), &leak, [&leak](const LeakFinding& earlier) {
        return tells_something(earlier) && is_the_same(earlier, leak);
    });
}

void add_leak(Table& table, const RunResult& result, const LeakFinding& leak)
{
    const auto verdict = text_of(leak.verdict);
    table.add_row({{std::string(verdict.mark), verdict.style},
                   {leak.gauge, Style::strong},
                   {std::string(verdict.words), verdict.style},
                   {floor_of(result, leak, 24)}});
    std::string rates = "kept " + estimate_text(leak.residual, leak.unit);
    if (leak.per_hour) {
        rates += fmt::format(" · {} per hour", estimate_text(*leak.per_hour, leak.unit));
    }
    if (leak.per_1000_operations) {
        rates += fmt::format(" · {} per 1,000 operations", estimate_text(*leak.per_1000_operations, leak.unit));
    }
    constexpr std::size_t below_gauge = 3;
    table.add_note(rates, below_gauge);
    if (const auto cycles = cycles_text(leak); !cycles.empty()) {
        table.add_note("kept by cycle: " + cycles, below_gauge);
    }
    if (leak.attribution) {
        table.add_note(attribution_text(*leak.attribution), below_gauge, Style::strong);
    }
    if (const auto holders = holders_text(leak); !holders.empty()) {
        table.add_note("held by " + holders, below_gauge);
    }
    if (const auto others = also_seen_in(result.leaks, leak); !others.empty()) {
        table.add_note("also seen in " + others, below_gauge);
    }
    if (!leak.why.empty()) {
        table.add_note(leak.why, below_gauge, Style::dim);
    }
    if (!leak.what_more.empty()) {
        table.add_note("to say more: " + leak.what_more, below_gauge, Style::dim);
    }
}

/// "a, b, c and 12 more"
std::string names_of(const std::vector<std::string>& names)
{
    std::string text;
    for (std::size_t at = 0; at < names.size() && at < most_names; ++at) {
        text += (at == 0 ? "" : ", ") + names[at];
    }
    return names.size() > most_names ? text + fmt::format(" and {} more", names.size() - most_names) : text;
}

/// What a gauge that does not leak has to say.
std::string quiet_text(const LeakFinding& leak)
{
    if (leak.verdict != LeakVerdict::no_leak) {
        return leak.what_more.empty() ? leak.why : leak.what_more;
    }
    if (leak.certificate) {
        return leak.certificate->text;
    }
    return leak.upper_bound_per_hour ? fmt::format("< {}/h at 95%", gauge_text(*leak.upper_bound_per_hour, leak.unit))
                                     : leak.why;
}

/// Gauges of one quiet verdict, those that say the same together.
void add_quiet(Table& table, const RunResult& result, LeakVerdict which)
{
    std::map<std::string, std::vector<std::string>> by_text;
    for (const auto& leak : result.leaks) {
        if (leak.verdict == which) {
            by_text[quiet_text(leak)].push_back(leak.gauge);
        }
    }
    const auto verdict = text_of(which);
    for (const auto& [said, names] : by_text) {
        table.add_row({{std::string(verdict.mark), verdict.style},
                       {which == LeakVerdict::no_leak ? "no leak" : "not judged"},
                       {said.empty() ? names_of(names) : names_of(names) + ": " + said}});
    }
}

} // namespace

void write_leaks(Page& page, const RunResult& result)
{
    if (result.leaks.empty()) {
        return;
    }
    page.heading("LEAKS", counts_of(result.leaks));
    Table loud({{""}, {"", Align::left, Fit::cut, 30}, {""}, {"", Align::left, Fit::keep, 0, 1}});
    for (const auto& leak : result.leaks) {
        if (tells_something(leak) && !told_before(result.leaks, leak)) {
            add_leak(loud, result, leak);
        }
    }
    if (!loud.empty()) {
        loud.add_note("brackets hold 95% intervals", 3, Style::dim);
    }
    page.table(loud);
    Table quiet({{""}, {""}, {"", Align::left, Fit::wrap, 16}});
    add_quiet(quiet, result, LeakVerdict::no_leak);
    add_quiet(quiet, result, LeakVerdict::not_enough_data);
    page.table(quiet);
}

} // namespace squall::reporters
