#include "engine/phase_runner.hpp"

#include <algorithm>

namespace squall::engine {
namespace {

// statistics.md 1: the primer runs above the test's own concurrency, so that pools are as large as they will get.
constexpr double primer_scale = 1.5;

Duration planned_length(const plan::Phases& phases)
{
    return phases.primer + phases.settle + phases.load + phases.quiesce;
}

} // namespace

PhaseRunner::PhaseRunner(asio::any_io_executor executor, const plan::Plan& plan,
                         std::vector<std::unique_ptr<Shard>>& shards, RunLog& log, const Clock& clock,
                         std::function<void(const LiveStatus&)> on_status)
    : executor_(executor),
      plan_(plan),
      shards_(shards),
      log_(log),
      clock_(clock),
      on_status_(std::move(on_status)),
      quiet_(executor),
      second_(executor),
      start_(clock.now()),
      window_begin_(start_)
{}

Task<void> PhaseRunner::run()
{
    using measure::Phase;
    TaskGroup ticker(executor_);
    ticker.spawn(tick());
    const auto& phases = plan_.phases;
    if (phases.primer > Duration::zero()) {
        co_await load_phase(Phase::primer, phases.primer, primer_scale);
        co_await quiet_phase(Phase::settle, phases.settle);
    }
    co_await load_phase(Phase::load, phases.load, 1);
    co_await quiet_phase(Phase::quiesce, phases.quiesce);
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

Task<void> PhaseRunner::load_phase(measure::Phase phase, Duration length, double scale)
{
    if (stopping_) {
        co_return;
    }
    begin_phase(phase);
    const LoadOrder order{phase, clock_.now(), length, plan_.phases.grace, scale};
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
    quiet_.expires_after(length);
    co_await quiet_.async_wait(use_result);
    co_await take_second();
}

void PhaseRunner::stop(bool terminal)
{
    stopping_ = true;
    quiet_.cancel();
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
    for (auto& shard : shards_) {
        const auto report = co_await shard->harvest();
        second.window.add(report.window);
        second.users += report.users;
        second.in_flight += report.in_flight;
        for (const auto& example : report.examples) {
            log_.error_example(clock_.now(), plan_.step_names[example.step], example.kind, example.text);
        }
    }
    tell(second);
    log_.second(std::move(second));
}

void PhaseRunner::tell(const LoadSecond& second)
{
    LiveStatus status;
    status.elapsed = clock_.now() - start_;
    status.planned = planned_length(plan_.phases);
    status.phase = second.phase;
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
