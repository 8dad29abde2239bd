// When services are asked to collect their garbage: twice in every quiet phase, before its level is taken.
#pragma once

#include "engine/collect_garbage.hpp"
#include "engine/run_log.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <set>
#include <string>
#include <vector>

namespace squall::engine {

/// On the control thread. What happened is stamped: `collected_stamp` when all services of a round have, else a
/// `gc_failed_stamp` for each that has not, of which whoever watches is told once a service.
class GarbageRounds {
public:
    GarbageRounds(const asio::any_io_executor& executor, std::vector<GarbageHook> hooks, RunLog& log,
                  const Clock& clock);

    /// Through a quiet phase that begins now; returns before its last third, in which its level is taken, or soon after
    /// stop().
    Task<void> attend(Duration length);
    void stop();

private:
    Task<void> round(Instant at, Instant deadline);

    std::vector<GarbageHook> hooks_;
    RunLog& log_;
    const Clock& clock_;
    asio::steady_timer timer_;
    std::set<std::string> told_;
    bool stopping_ = false;
};

} // namespace squall::engine
