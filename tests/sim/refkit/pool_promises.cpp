// What must hold after every step, whenever nothing is ready to run, and at the end.
#include "sim/refkit/pool_world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace squall::sim {

void PoolWorld::break_promise(std::string what)
{
    if (!broken_) {
        broken_ = fmt::format("step {}, {:.3f} ms: {}", context_.steps(),
                              to_seconds(context_.now().time_since_epoch()) * 1e3, what);
    }
}

void PoolWorld::say(const std::function<std::string()>& what) const
{
    if (trace_) {
        fmt::print("{:6} {:10.3f} ms  {}\n", context_.steps(), to_seconds(context_.now().time_since_epoch()) * 1e3,
                   what());
    }
}

void PoolWorld::check_step()
{
    if (!complaint_.empty()) {
        break_promise(complaint_);
    }
    if (server_.open() > params_.max) {
        break_promise(fmt::format("the server has {} connections of a pool of {}", server_.open(), params_.max));
    }
    for (const auto& caller : callers_) {
        if (caller->ended > 1) {
            break_promise(fmt::format("caller {} was completed twice", caller->number));
        }
    }
    if (!pool_) {
        return;
    }
    const auto stats = pool_->stats();
    if (stats.total !=
        stats.idle + stats.acquired + stats.constructing + stats.validating + stats.resetting + stats.closing) {
        break_promise("the states do not add up to the total");
    }
    if (stats.total > params_.max) {
        break_promise(fmt::format("{} connections in a pool of {}", stats.total, params_.max));
    }
}

void PoolWorld::check_rest()
{
    check_waiters_at_rest();
    if (!pool_) {
        return;
    }
    const auto stats = pool_->stats();
    if (!aborted_ && stats.acquired != holding_) {
        break_promise(fmt::format("{} connections are on loan, and {} callers have one", stats.acquired, holding_));
    }
    if (aborted_ ? server_.clients > stats.total + holding_ : server_.clients != stats.total) {
        break_promise(fmt::format("the pool counts {} connections and keeps {}", stats.total, server_.clients));
    }
    if (server_.open() > stats.total) {
        break_promise(fmt::format("the server has {} connections, the pool {}", server_.open(), stats.total));
    }
    // A question under way may find its connection dead: until then the next idle one is left alone.
    if (stats.idle > 0 && stats.waiters > stats.validating) {
        break_promise(fmt::format("{} connections are idle while {} callers wait", stats.idle, stats.waiters));
    }
    check_progress(stats);
}

void PoolWorld::check_waiters_at_rest()
{
    std::size_t waiting = 0;
    for (const auto& caller : callers_) {
        if (caller->doing != Doing::waiting) {
            continue;
        }
        ++waiting;
        if (context_.now() >= caller->deadline) {
            break_promise(fmt::format("caller {} still waits after its deadline", caller->number));
        }
        if (caller->place < last_served_ && params_.fairness == refkit::Fairness::fifo) {
            break_promise(fmt::format("caller {} was overtaken", caller->number));
        }
    }
    if (pool_ && pool_->stats().waiters != waiting) {
        break_promise(fmt::format("the pool counts {} waiting callers of {}", pool_->stats().waiters, waiting));
    }
    if (!pool_ && waiting > 0) {
        break_promise("a caller waits for a pool that is gone");
    }
}

/// Whoever waits, waits for something: a loan, a dial, a question, or the backoff; and for loans alone, while there is
/// room, no longer than a dial takes without anybody being served.
void PoolWorld::check_progress(const refkit::PoolStats& stats)
{
    const bool stuck =
        stats.waiters > stats.validating + stats.resetting && stats.constructing == 0 && stats.total < params_.max;
    if (!stuck) {
        stuck_since_.reset();
        return;
    }
    const bool served = stats.acquire_count > std::exchange(acquires_seen_, stats.acquire_count);
    if (!stuck_since_ || served || context_.last_hurry() > *stuck_since_) {
        stuck_since_ = context_.now();
    }
    // Nothing happens before the next timer: who is stuck stays so until then.
    if (context_.next_timer() > *stuck_since_ + std::max(params_.backoff_longest, params_.connect_timeout)) {
        break_promise(
            fmt::format("{} callers wait and nothing is done for them ({} of {} open, {} idle, {} failed dials)",
                        stats.waiters, stats.total, params_.max, stats.idle, stats.failed_dials));
    }
}

/// Nobody has wanted anything for longer than the idle timeout, and nothing has gone wrong.
void PoolWorld::check_quiet()
{
    const auto stats = pool_->stats();
    const auto there = stats.idle + stats.validating + stats.constructing;
    // Where lives are short, one is often just closed, and holds the place of the next.
    const bool settled = params_.max_lifetime || params_.keepalive
                             ? there <= params_.min_idle && (params_.max_lifetime || there == params_.min_idle)
                             : stats.idle == params_.min_idle && stats.total == params_.min_idle;
    if (!settled) {
        break_promise(fmt::format("{} connections, {} of them idle, are left of at least {} after a quiet evening",
                                  stats.total, stats.idle, params_.min_idle));
    }
}

/// Everybody has gone, and so has the pool.
void PoolWorld::check_end()
{
    for (const auto& caller : callers_) {
        if (caller->ended != 1 && ending_ != Ending::loop_destroyed) {
            break_promise(fmt::format("caller {} never came to an end", caller->number));
        }
    }
    if (run_ended_ != 1 && ending_ != Ending::loop_destroyed) {
        break_promise(fmt::format("run() ended {} times", run_ended_));
    }
    if (pool_ && (pool_->stats().total != 0 || pool_->stats().waiters != 0) && ending_ != Ending::loop_destroyed) {
        break_promise(fmt::format("{} connections are left", pool_->stats().total));
    }
    if (pool_ && pool_->stats().acquired != 0) {
        break_promise(fmt::format("{} connections are on loan to nobody", pool_->stats().acquired));
    }
    if (holding_ != 0) {
        break_promise("a caller still holds a connection");
    }
}

} // namespace squall::sim
