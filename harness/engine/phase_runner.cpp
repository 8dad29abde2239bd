#include "engine/phase_runner.hpp"

#include "engine/cycle_text.hpp"

#include <algorithm>

namespace squall::engine {
namespace {

// statistics.md 1: the primer runs above the test's own concurrency, so that pools are as large as they will get.
constexpr double primer_scale = 1.5;

// A thread's use over a few milliseconds says nothing.
constexpr Duration shortest_look = std::chrono::milliseconds(500);

} // namespace

PhaseRunner::PhaseRunner(asio::any_io_executor executor, const plan::Plan& plan,
                         std::vector<std::unique_ptr<Shard>>& shards, GarbageRounds& garbage, RunLog& log,
                         const Clock& clock, std::function<void(const LiveStatus&)> on_status)
    : executor_(executor),
      plan_(plan),
      shards_(shards),
      garbage_(garbage),
      log_(log),
      clock_(clock),
      on_status_(std::move(on_status)),
      quiet_(executor),
      second_(executor),
      start_(clock.now()),
      window_begin_(start_),
      thread_uses_(shards.size(), ThreadUse{start_, {}, {}}),
      abort_watch_(plan.checks, plan.step_names, plan.populations.size() == 1)
{}

Task<void> PhaseRunner::run()
{
    using measure::Phase;
    TaskGroup ticker(executor_);
    ticker.spawn(tick());
    if (plan_.phases.primer > Duration::zero()) {
        co_await primer();
        co_await quiet_phase(Phase::settle, plan_.phases.settle);
    }
    for (; cycle_ < plan_.phases.cycles.size() && !stopping_ && !aborted_; ++cycle_) {
        co_await load();
        co_await quiet_phase(Phase::quiesce, plan_.phases.quiesce);
    }
    over_ = true;
    second_.cancel();
    co_await ticker.join();
}

void PhaseRunner::begin_phase(measure::Phase phase)
{
    phase_ = phase;
    window_begin_ = clock_.now();
    log_.stamp(window_begin_, "phase", std::string(measure::to_string(phase)));
}

Task<void> PhaseRunner::primer()
{
    if (!stopping_) {
        begin_phase(measure::Phase::primer);
        co_await traffic({measure::Phase::primer, clock_.now(), plan_.phases.primer, plan_.phases.grace, primer_scale});
    }
}

/// The scenario's traffic as often as the cycle says; warm-up only before the first.
Task<void> PhaseRunner::load()
{
    const int repeats = plan_.phases.cycles.at(cycle_).repeats;
    for (int repeat = 1; repeat <= repeats && !stopping_ && !aborted_; ++repeat) {
        const auto warm_up = doses_ == 0 ? plan_.phases.warm_up : Duration::zero();
        if (repeat == 1) {
            begin_phase(warm_up > Duration::zero() ? measure::Phase::warm_up : measure::Phase::load);
        } else {
            log_.stamp(clock_.now(), repeat_stamp, fmt::format("{} of {}", repeat, repeats));
        }
        if (repeat == 1 && plan_.phases.cycles.size() > 1) {
            log_.stamp(clock_.now(), cycle_stamp, cycle_text(plan_, cycle_));
        }
        if (doses_ > 0) {
            abort_watch_.next_load();
        }
        co_await dose(warm_up);
        ++doses_;
    }
}

/// Warm-up and load are one order to the shards, so that no gap lies between them.
Task<void> PhaseRunner::dose(Duration warm_up)
{
    const Instant begin = clock_.now();
    arrivals_end_ = begin + warm_up + plan_.phases.load;
    TaskGroup group(executor_);
    if (warm_up > Duration::zero()) {
        group.spawn(end_warm_up(begin + warm_up));
    }
    co_await traffic({measure::Phase::load, begin, warm_up + plan_.phases.load, plan_.phases.grace, 1, cycle_, doses_});
    co_await group.join();
}

Task<void> PhaseRunner::end_warm_up(Instant at)
{
    quiet_.expires_at(at);
    co_await quiet_.async_wait(use_result);
    if (!stopping_) {
        co_await take_second();
        begin_phase(measure::Phase::load);
    }
}

Task<void> PhaseRunner::traffic(LoadOrder order)
{
    TaskGroup group(executor_);
    for (auto& shard : shards_) {
        group.spawn(shard->run_phase(order));
    }
    co_await group.join();
    co_await take_second();
}

Task<void> PhaseRunner::quiet_phase(measure::Phase phase, Duration length)
{
    if (stopping_ || length == Duration::zero()) {
        co_return;
    }
    begin_phase(phase);
    TaskGroup group(executor_);
    group.spawn(garbage_.attend(length));
    quiet_.expires_after(length);
    co_await quiet_.async_wait(use_result);
    co_await group.join();
    co_await take_second();
}

void PhaseRunner::stop(bool terminal)
{
    stopping_ = true;
    quiet_.cancel();
    garbage_.stop();
    for (auto& shard : shards_) {
        shard->stop(terminal);
    }
}

Task<void> PhaseRunner::tick()
{
    for (Instant next = start_ + std::chrono::seconds(1); !over_; next += std::chrono::seconds(1)) {
        second_.expires_at(next);
        co_await second_.async_wait(use_result);
        if (!over_) {
            co_await take_second();
        }
    }
}

Task<void> PhaseRunner::take_second()
{
    LoadSecond second;
    second.phase = phase_;
    second.end = clock_.now();
    second.begin = std::exchange(window_begin_, second.end);
    std::vector<ThreadUse> uses;
    for (auto& shard : shards_) {
        const auto report = co_await shard->harvest();
        uses.push_back(report.use);
        second.window.add(report.window);
        second.users += report.users;
        second.in_flight += report.in_flight;
        for (const auto& example : report.examples) {
            log_.error_example(clock_.now(), plan_.step_names[example.step], example.kind, example.text);
        }
    }
    log_busiest_thread(uses);
    tell(second);
    const auto why = reason_to_end(second);
    log_.second(std::move(second));
    if (why) {
        end_load(*why);
    }
}

void PhaseRunner::log_busiest_thread(const std::vector<ThreadUse>& uses)
{
    if (uses.front().at - thread_uses_.front().at < shortest_look) {
        return; // where a phase begins; the next look takes this time along
    }
    const auto before = std::exchange(thread_uses_, uses);
    ThreadShare busiest;
    for (std::size_t at = 0; at < uses.size(); ++at) {
        const auto share = share_between(before[at], uses[at]);
        busiest = share.wanted() > busiest.wanted() ? share : busiest;
    }
    const auto now = clock_.now();
    log_.gauge(now, busiest_thread_gauge, busiest.ran);
    log_.gauge(now, waiting_thread_gauge, busiest.waited);
    log_.gauge(now, engine_threads_gauge, static_cast<double>(uses.size()));
}

std::optional<std::string> PhaseRunner::reason_to_end(const LoadSecond& second)
{
    if (second.phase != measure::Phase::load || second.end >= arrivals_end_ || stopping_ || aborted_) {
        return std::nullopt;
    }
    return abort_watch_.add(second.window, log_.at_seconds(second.begin), log_.at_seconds(second.end));
}

void PhaseRunner::end_load(const std::string& why)
{
    aborted_ = true;
    log_.stamp(clock_.now(), aborted_stamp, why);
    log_.tell(fmt::format("ending the load early: {}", why));
    for (auto& shard : shards_) {
        shard->stop(false);
    }
}

void PhaseRunner::tell(const LoadSecond& second)
{
    LiveStatus status;
    status.elapsed = clock_.now() - start_;
    status.planned = plan_.phases.total();
    status.phase = second.phase;
    status.cycles = plan_.phases.cycles.size();
    status.cycle = std::min(cycle_ + 1, status.cycles);
    status.users = second.users;
    status.in_flight = second.in_flight;
    measure::Histogram response;
    for (const auto& step : second.window.steps) {
        status.requests += step.requests;
        status.errors += step.error_count();
        response.add(step.response);
    }
    status.dropped = second.window.iterations_dropped;
    errors_so_far_ += status.errors;
    status.errors_so_far = errors_so_far_;
    if (response.count() > 0) {
        status.p50 = response.value_at(Percentile::of(50));
        status.p99 = response.value_at(Percentile::of(99));
    }
    status.connections = log_.latest("postgres.connections");
    on_status_(status);
}

} // namespace squall::engine
