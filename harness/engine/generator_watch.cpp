#include "engine/generator_watch.hpp"

#include "engine/run_log.hpp"

#include <algorithm>
#include <optional>

namespace squall::engine {
namespace {

constexpr Duration late_at_all = std::chrono::milliseconds(10);
// In a second with so many late sends the arrivals that were dropped were looked at late too.
constexpr double mostly_late = 0.1;

std::optional<double> value_of(const measure::SecondRecord& second, const char* gauge)
{
    const auto found = second.gauges.find(gauge);
    return found == second.gauges.end() || found->second.empty() ? std::nullopt
                                                                 : std::optional(found->second.back().value);
}

struct Sends {
    std::uint64_t late = 0;
    std::uint64_t all = 0;

    [[nodiscard]] double share() const { return all == 0 ? 0 : static_cast<double>(late) / static_cast<double>(all); }
};

/// Only the first step of an iteration has a plan to be late to, and the journal does not say which that is: the worst
/// step is it.
Sends late_sends(const measure::Window& window, const measure::JournalHeader& header, Duration limit)
{
    Sends worst;
    for (std::size_t id = 0; id < window.steps.size() && id < header.open_model.size(); ++id) {
        const auto& lag = window.steps[id].lag;
        const Sends sends{header.open_model[id] ? lag.count_above(limit) : 0, lag.count()};
        worst = sends.share() > worst.share() ? sends : worst;
    }
    return worst;
}

std::uint64_t open_requests(const measure::Window& window, const measure::JournalHeader& header)
{
    std::uint64_t most = 0;
    for (std::size_t id = 0; id < window.steps.size() && id < header.open_model.size(); ++id) {
        most = std::max(most, header.open_model[id] ? window.steps[id].requests : 0);
    }
    return most;
}

/// Every iteration when all populations are open; else what the busiest open step shows, which is never more.
std::uint64_t open_iterations(const measure::Window& window, const measure::JournalHeader& header)
{
    const bool all_open = std::ranges::all_of(header.populations, &measure::JournalHeader::Population::open);
    return all_open ? window.iterations_started : open_requests(window, header);
}

std::uint64_t local_limits(const measure::Window& window)
{
    std::uint64_t total = 0;
    for (const auto& step : window.steps) {
        const auto found = step.errors.find(measure::ErrorKind::local_limit);
        total += found == step.errors.end() ? 0 : found->second;
    }
    return total;
}

Duration service_p99(const measure::Window& window)
{
    measure::Histogram service;
    for (const auto& step : window.steps) {
        service.add(step.service);
    }
    return service.value_at(Percentile::of(99));
}

} // namespace

void GeneratorWatch::Shares::add(double ran_share, double waited_share)
{
    ran += ran_share;
    waited += waited_share;
    ++looks;
}

void GeneratorWatch::add(const measure::SecondRecord& second, const measure::JournalHeader& header)
{
    const auto late = late_sends(second.window, header, late_at_all);
    const auto ran = value_of(second, busiest_thread_gauge);
    const double waited = value_of(second, waiting_thread_gauge).value_or(0);
    const double wanted = ran.value_or(0) + waited;
    const bool trouble = wanted >= no_cpu_left || (late.share() >= mostly_late && (!ran || wanted >= half_its_time));
    dropped_without_cpu_ += trouble ? second.window.iterations_dropped : 0;
    if (ran) {
        late_ += static_cast<double>(late.late);
        wanted_times_late_ += wanted * static_cast<double>(late.late);
        ran_max_ = std::max(ran_max_, *ran);
        all_.add(*ran, waited);
        if (trouble) {
            in_trouble_.add(*ran, waited);
        }
    }
    threads_ = static_cast<int>(value_of(second, engine_threads_gauge).value_or(threads_));
}

void GeneratorWatch::add_example(const measure::Stamp& error)
{
    ports_ran_out_ = ports_ran_out_ || (error.error == measure::to_string(measure::ErrorKind::local_limit) &&
                                        error.text.find("assign requested address") != std::string::npos);
}

GeneratorFacts GeneratorWatch::facts(const measure::Window& load, const measure::JournalHeader& header,
                                     double load_seconds) const
{
    GeneratorFacts facts;
    facts.open = std::ranges::any_of(header.populations, &measure::JournalHeader::Population::open);
    facts.dropped = load.iterations_dropped;
    facts.planned = open_iterations(load, header) + facts.dropped;
    facts.dropped_without_cpu = dropped_without_cpu_;
    facts.load_seconds = load_seconds;
    facts.late_share = late_sends(load, header, late_limit(service_p99(load))).share();
    facts.very_late_share = late_sends(load, header, longest_late_limit).share();
    facts.wanted_when_late = late_ > 0 ? wanted_times_late_ / late_ : 0;
    facts.ran_mean = all_.ran_mean();
    facts.waited_mean = all_.waited_mean();
    facts.ran_in_trouble = in_trouble_.ran_mean();
    facts.waited_in_trouble = in_trouble_.waited_mean();
    facts.threads = threads_;
    for (const auto& step : load.steps) {
        facts.requests += step.requests;
    }
    (ports_ran_out_ ? facts.out_of_ports : facts.out_of_descriptors) = local_limits(load);
    return facts;
}

} // namespace squall::engine
