#include "slo/load_judge.hpp"

#include "base/assert.hpp"
#include "slo/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace squall::slo {
namespace {

constexpr double whole_within = 0.5; // seconds

/// Of a step only what the check's metric needs: a window of minutes keeps one histogram a second, not three.
void add_needed(measure::StepWindow& sum, const measure::StepWindow& step, Metric metric)
{
    sum.requests += step.requests;
    sum.censored += step.censored;
    sum.recovered += step.recovered;
    sum.lost += step.lost;
    for (const auto& [kind, count] : step.errors) {
        sum.errors[kind] += count;
    }
    if (metric == Metric::response_time) {
        sum.response.add(step.response);
    } else if (metric == Metric::service_time) {
        sum.service.add(step.service);
    } else if (metric == Metric::send_lag) {
        sum.lag.add(step.lag);
    }
}

StepFacts facts_of(const measure::StepWindow& step)
{
    StepFacts facts{&step.response, &step.service, &step.lag, step.requests, step.error_count(), {}, 0};
    for (const auto& [kind, count] : step.errors) {
        facts.errors_by_kind[std::string(measure::to_string(kind))] = count;
    }
    facts.censored = step.censored;
    facts.recovered = step.recovered;
    facts.lost = step.lost;
    return facts;
}

/// Without a value it is missed for want of data, or because dropped arrivals reach down to the percentile.
bool is_worse(const Verdict& candidate, const Verdict& worst, Comparator comparator)
{
    if (!candidate.value || !worst.value) {
        return !candidate.value && worst.value;
    }
    const bool at_most = comparator == Comparator::less || comparator == Comparator::less_or_equal;
    return at_most ? *candidate.value > *worst.value : *candidate.value < *worst.value;
}

std::string clock(double seconds)
{
    const auto whole = std::llround(seconds);
    return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

} // namespace

void LoadPiece::add(const LoadPiece& other)
{
    step.add(other.step);
    dropped += other.dropped;
    seconds += other.seconds;
}

void SlidingSum::push(LoadPiece piece)
{
    back_sum_.add(piece);
    back_.push_back(std::move(piece));
}

void SlidingSum::pop()
{
    if (front_.empty()) {
        for (; !back_.empty(); back_.pop_back()) {
            if (!front_.empty()) {
                back_.back().add(front_.back());
            }
            front_.push_back(std::move(back_.back()));
        }
        back_sum_ = {};
    }
    SQUALL_ASSERT(!front_.empty());
    front_.pop_back();
}

LoadPiece SlidingSum::total() const
{
    auto total = back_sum_;
    if (!front_.empty()) {
        total.add(front_.back());
    }
    return total;
}

LoadJudge::LoadJudge(Check check, const std::vector<std::string>& step_names, bool one_population)
    : check_(std::move(check)),
      one_population_(one_population)
{
    SQUALL_ASSERT(check_.metric != Metric::leak && check_.metric != Metric::gauge);
    if (info_of(check_.metric).selector == Selector::step && !check_.selector.empty()) {
        step_ = static_cast<std::size_t>(std::ranges::find(step_names, check_.selector) - step_names.begin());
    }
}

LoadPiece LoadJudge::piece_of(const measure::Window& second, double seconds) const
{
    LoadPiece piece;
    piece.seconds = seconds;
    piece.dropped = second.iterations_dropped;
    for (std::size_t id = 0; id < second.steps.size(); ++id) {
        if (!step_ || *step_ == id) {
            add_needed(piece.step, second.steps[id], check_.metric);
        }
    }
    return piece;
}

Verdict LoadJudge::judge(const LoadPiece& piece) const
{
    Facts facts;
    facts.load_seconds = piece.seconds;
    facts.dropped = piece.dropped;
    facts.one_population = one_population_;
    facts.all = facts_of(piece.step);
    if (step_) {
        facts.steps[check_.selector] = facts.all;
    }
    return evaluate(check_, facts);
}

void LoadJudge::add(const measure::Window& second, double begin, double end)
{
    auto piece = piece_of(second, arrivals_over_ ? 0 : end - begin);
    if (check_.over) {
        slide(std::move(piece), begin, arrivals_over_ ? begin : end);
    } else {
        all_.add(piece);
    }
}

void LoadJudge::arrivals_again()
{
    arrivals_over_ = false;
    if (worst_) {
        window_ = {};
        spans_.clear();
    }
}

void LoadJudge::slide(LoadPiece piece, double begin, double end)
{
    const double length = to_seconds(*check_.over) - whole_within;
    spans_.push_back({begin, end});
    window_.push(std::move(piece));
    double seconds = 0;
    for (const auto& span : spans_) {
        seconds += span.end - span.begin;
    }
    while (seconds - (spans_.front().end - spans_.front().begin) >= length) {
        seconds -= spans_.front().end - spans_.front().begin;
        spans_.pop_front();
        window_.pop();
    }
    if (seconds >= length) {
        judge_window();
    }
}

void LoadJudge::judge_window()
{
    auto verdict = judge(window_.total());
    windows_ += arrivals_over_ ? 0 : 1;
    if (!worst_ || is_worse(verdict, worst_->verdict, check_.comparator)) {
        const auto last = std::ranges::find_if(spans_.rbegin(), spans_.rend(),
                                               [](const Span& span) { return span.end > span.begin; });
        worst_ = Worst{std::move(verdict), {spans_.front().begin, last == spans_.rend() ? 0 : last->end}};
    }
}

Verdict LoadJudge::verdict() const
{
    if (!check_.over) {
        return judge(all_);
    }
    auto verdict = worst_ ? worst_->verdict : judge(window_.total());
    const auto where =
        worst_ ? fmt::format("worst of {} window{}: {} to {} into the run", windows_, windows_ == 1 ? "" : "s",
                             clock(worst_->span.begin), clock(worst_->span.end))
               : fmt::format("the load was shorter than {}: all of it is one window", format_duration(*check_.over));
    verdict.why = verdict.why.empty() ? where : verdict.why + "; " + where;
    return verdict;
}

} // namespace squall::slo
