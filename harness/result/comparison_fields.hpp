// What every member of a Comparison is called in JSON and means to a reader. The structs: comparison.hpp.
#pragma once

#include "result/comparison.hpp"
#include "result/describe.hpp"

namespace squall::result {

constexpr auto words(Of<Unit>)
{
    return std::to_array<std::string_view>(
        {"text", "count", "seconds", "bytes", "share", "per_second", "per_hour", "per_1000_operations"});
}
constexpr auto words(Of<ComparisonVerdict>)
{
    return std::to_array<std::string_view>(
        {"regressed", "improved", "no_significant_change", "inconclusive", "not_judged"});
}

template <typename Visitor>
void describe(Visitor& member, Of<RunReference>)
{
    member("name", &RunReference::name, "The scenario's name.");
    member("profile", &RunReference::profile, "The profile that ran; empty when none was chosen.");
    member("folder", &RunReference::folder, "The folder that keeps the run's files.");
    member("started", &RunReference::started, "When the run started, ISO 8601 in UTC.");
    member("verdict", &RunReference::verdict, "The run's own verdict: passed, failed, invalid or interrupted.");
}

template <typename Visitor>
void describe(Visitor& member, Of<ComparisonRow>)
{
    member("group", &ComparisonRow::group, "The group that the row belongs to.");
    member("metric", &ComparisonRow::metric, "The metric that is compared.");
    member("unit", &ComparisonRow::unit, "The unit of before and after.");
    member("before", &ComparisonRow::before, "The value before; null when not measured or not a number.");
    member("after", &ComparisonRow::after, "The value after; null when not measured or not a number.");
    member("before_text", &ComparisonRow::before_text, "What is shown in place of the number; may be empty.");
    member("after_text", &ComparisonRow::after_text, "What is shown in place of the number; may be empty.");
    member("change", &ComparisonRow::change, "(after − before) / before; null where that has no sense.");
    member("verdict", &ComparisonRow::verdict, "What the difference means.");
    member("why", &ComparisonRow::why, "Why this verdict; may be empty.");
}

template <typename Visitor>
void describe(Visitor& member, Of<Comparison>)
{
    member("format", &Comparison::format, "The version of this format.");
    member("squall_version", &Comparison::squall_version, "The version of squall that wrote it.");
    member("before", &Comparison::before, "The run before.");
    member("after", &Comparison::after, "The run after.");
    member("warnings", &Comparison::warnings, "Why the two runs may not be comparable.");
    member("rows", &Comparison::rows, "Metric by metric.");
    member("sentence", &Comparison::sentence, "The whole in words.");
    member("regressed", &Comparison::regressed, "Whether the run after is worse: exit code 98.");
    member("not_comparable", &Comparison::not_comparable,
           "Which run is INVALID, so that only leaks are judged (exit code 97); null: none is.");
}

} // namespace squall::result
