// The phases of a run, one after the other, over all shards; a second of results every second.
#pragma once

#include "engine/abort_watch.hpp"
#include "engine/garbage_rounds.hpp"
#include "engine/live_status.hpp"
#include "engine/run_log.hpp"
#include "engine/shard.hpp"
#include "engine/task_group.hpp"
#include "plan/plan.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace squall::engine {

/// On the control thread. run() returns when the last phase is over, or soon after stop(). A check with `abort` that is
/// missed ends the load alone, of all cycles: gracefully, and one quiesce follows.
class PhaseRunner {
public:
    PhaseRunner(asio::any_io_executor executor, const plan::Plan& plan, std::vector<std::unique_ptr<Shard>>& shards,
                GarbageRounds& garbage, RunLog& log, const Clock& clock,
                std::function<void(const LiveStatus&)> on_status);

    Task<void> run();
    /// Ends the run early: gracefully, or with `terminal` at once.
    void stop(bool terminal);

private:
    Task<void> primer();
    Task<void> load();
    Task<void> dose(Duration warm_up);
    Task<void> traffic(LoadOrder order);
    Task<void> end_warm_up(Instant at);
    Task<void> quiet_phase(measure::Phase phase, Duration length);
    void begin_phase(measure::Phase phase);
    [[nodiscard]] std::optional<std::string> reason_to_end(const LoadSecond& second);
    void end_load(const std::string& why);
    Task<void> tick();
    Task<void> take_second();
    void log_busiest_thread(const std::vector<ThreadUse>& uses);
    void tell(const LoadSecond& second);

    asio::any_io_executor executor_;
    const plan::Plan& plan_;
    std::vector<std::unique_ptr<Shard>>& shards_;
    GarbageRounds& garbage_;
    RunLog& log_;
    const Clock& clock_;
    std::function<void(const LiveStatus&)> on_status_;
    asio::steady_timer quiet_;
    asio::steady_timer second_;
    Instant start_;
    Instant window_begin_;
    measure::Phase phase_ = measure::Phase::load;
    std::vector<ThreadUse> thread_uses_; // as last looked at; the shards began with the run
    AbortWatch abort_watch_;
    std::size_t cycle_ = 0;   // that runs or comes next
    std::uint64_t doses_ = 0; // begun so far
    Instant arrivals_end_;    // of the dose
    bool aborted_ = false;
    std::uint64_t errors_so_far_ = 0;
    bool stopping_ = false;
    bool over_ = false;
};

} // namespace squall::engine
