// What every member of a LoadLimit is called in JSON and means to a reader. The structs: load_limit.hpp.
#pragma once

#include "result/comparison_fields.hpp"
#include "result/load_limit.hpp"

namespace squall::result {

constexpr auto words(Of<TrialOutcome>)
{
    return std::to_array<std::string_view>({"held", "missed", "invalid"});
}

template <typename Visitor>
void describe(Visitor& member, Of<LimitTrial>)
{
    member("level", &LimitTrial::level, "The load of this trial, in the unit of the whole.");
    member("outcome", &LimitTrial::outcome, "Whether every SLO held; invalid: the generator could not offer the load.");
    member("reason", &LimitTrial::reason, "What was missed; empty when all held.");
    member("requests_per_second", &LimitTrial::requests_per_second, "Requests per second that were reached.");
    member("error_rate", &LimitTrial::error_rate, "Failed requests as a share of all.");
    member("p50_seconds", &LimitTrial::p50_seconds, "Median response time; null without requests.");
    member("p99_seconds", &LimitTrial::p99_seconds, "99th percentile of the response time; null without requests.");
    member("folder", &LimitTrial::folder, "The folder that keeps the trial's files.");
}

template <typename Visitor>
void describe(Visitor& member, Of<LoadLimit>)
{
    member("format", &LoadLimit::format, "The version of this format.");
    member("squall_version", &LoadLimit::squall_version, "The version of squall that wrote it.");
    member("name", &LoadLimit::name, "The scenario's name.");
    member("profile", &LoadLimit::profile, "The profile that ran; empty when none was chosen.");
    member("scenario_file", &LoadLimit::scenario_file, "The scenario file.");
    member("unit", &LoadLimit::unit, "The unit of every level: iterations per second, or count for users.");
    member("held", &LoadLimit::held, "The highest level at which every SLO held; null when none did.");
    member("failed", &LoadLimit::failed, "The lowest level at which one did not hold; null when all held.");
    member("sentence", &LoadLimit::sentence, "The whole in words.");
    member("limited_by", &LoadLimit::limited_by, "What failed above the limit; empty when nothing did.");
    member("exit_code", &LoadLimit::exit_code,
           "0 found, 99 no level held, 97 the generator is the limit, 130 interrupted.");
    member("trials", &LoadLimit::trials, "The trials in their order.");
}

} // namespace squall::result
