#include "refkit/breaker/outcome_window.hpp"

#include "refkit/breaker/breaker_state.hpp"

namespace squall::refkit {
namespace {

constexpr std::uint64_t low_32 = 0xffff'ffff;

} // namespace

void FailureRun::reset(std::uint64_t generation)
{
    run_.store(generation << 32, std::memory_order_relaxed);
}

std::optional<WindowCounts> FailureRun::record(std::uint64_t generation, Instant, Outcome outcome)
{
    auto word = run_.load(std::memory_order_relaxed);
    while (true) {
        if (word >> 32 != (generation & low_32)) {
            return std::nullopt;
        }
        const auto run = word & low_32;
        const auto next = outcome.failed ? run + (run < low_32 ? 1U : 0U) : 0U;
        if (next == run || run_.compare_exchange_weak(word, (generation << 32) | next, std::memory_order_relaxed)) {
            return WindowCounts{next, next, 0};
        }
    }
}

WindowCounts FailureRun::counts(Instant) const
{
    const auto run = run_.load(std::memory_order_relaxed) & low_32;
    return {run, run, 0};
}

namespace {

std::variant<FailureRun, CallRing, SecondBuckets> make_window(const std::variant<ConsecutiveFailures, Rates>& rule)
{
    using Window = std::variant<FailureRun, CallRing, SecondBuckets>;
    const auto* rates = std::get_if<Rates>(&rule);
    if (rates == nullptr) {
        return Window(std::in_place_type<FailureRun>);
    }
    if (const auto* calls = std::get_if<LastCalls>(&rates->window)) {
        return Window(std::in_place_type<CallRing>, calls->calls);
    }
    return Window(std::in_place_type<SecondBuckets>, std::get<LastSeconds>(rates->window).span);
}

} // namespace

OutcomeWindow::OutcomeWindow(const std::variant<ConsecutiveFailures, Rates>& rule)
    : rule_(rule),
      window_(make_window(rule))
{}

void OutcomeWindow::reset(std::uint64_t generation)
{
    std::visit([generation](auto& window) { window.reset(generation); }, window_);
}

bool OutcomeWindow::record(std::uint64_t generation, Instant now, Outcome outcome)
{
    if (auto* run = std::get_if<FailureRun>(&window_)) {
        const auto counts = run->record(generation, now, outcome);
        return counts && counts->failures >= std::get<ConsecutiveFailures>(rule_).count;
    }
    const auto& rates = std::get<Rates>(rule_);
    auto* ring = std::get_if<CallRing>(&window_);
    const auto counts =
        ring != nullptr
            ? ring->record(generation, now, outcome)
            : std::get<SecondBuckets>(window_).record_if_of_interest(generation, now, outcome, rates.min_calls);
    return counts && counts->calls >= rates.min_calls && reaches(rates, *counts);
}

WindowCounts OutcomeWindow::counts(Instant now) const
{
    return std::visit([now](const auto& window) { return window.counts(now); }, window_);
}

} // namespace squall::refkit
