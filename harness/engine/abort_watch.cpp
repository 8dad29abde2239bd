#include "engine/abort_watch.hpp"

#include <fmt/format.h>

namespace squall::engine {
namespace {

constexpr double near_enough = 0.5; // the run's seconds are not the load's: a delay of 10 s is over at 9.9 s

} // namespace

AbortWatch::AbortWatch(const std::vector<scenario::Check>& checks, const std::vector<std::string>& step_names,
                       bool one_population)
{
    for (const auto& check : checks) {
        auto parsed = slo::parse(check.expression);
        if (check.abort_after && parsed) {
            watched_.push_back(
                {slo::LoadJudge(std::move(*parsed), step_names, one_population), to_seconds(*check.abort_after)});
        }
    }
}

void AbortWatch::next_load()
{
    for (auto& watched : watched_) {
        watched.judge.arrivals_again();
    }
}

std::optional<std::string> AbortWatch::add(const measure::Window& second, double begin, double end)
{
    load_seconds_ += end - begin;
    std::optional<std::string> why;
    for (auto& watched : watched_) {
        watched.judge.add(second, begin, end);
        const auto verdict = watched.judge.verdict();
        const bool may_end = !why && load_seconds_ >= watched.after_seconds - near_enough;
        if (may_end && verdict.outcome == slo::Outcome::missed && !verdict.no_samples) {
            why = fmt::format("{}: {}{}{}", verdict.expression, verdict.measured,
                              verdict.measured.empty() || verdict.why.empty() ? "" : "; ", verdict.why);
        }
    }
    return why;
}

} // namespace squall::engine
