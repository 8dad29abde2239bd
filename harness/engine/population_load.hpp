// The users of one population on one shard, and how arrivals set them to work in a phase.
#pragma once

#include "engine/load_order.hpp"
#include "engine/task_group.hpp"
#include "engine/virtual_user.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace squall::engine {

/// This shard's part of the whole: users and arrivals whose number is `index` modulo `count`.
struct Share {
    std::uint64_t index = 0;
    std::uint64_t count = 1;

    [[nodiscard]] bool mine(std::uint64_t number) const { return number % count == index; }
    /// How many of the numbers 0 … total−1 are this shard's.
    [[nodiscard]] std::uint64_t of(std::uint64_t total) const { return (total + count - 1 - index) / count; }
};

/// On its shard's thread. run() starts users as the arrival model says until the phase's length is over or stop() is
/// called (overdue arrivals are still sent for the grace period, and dropped behind it), lets iterations in flight
/// finish within the grace period, aborts the rest, and returns when all have ended.
class PopulationLoad {
public:
    PopulationLoad(const UserSurroundings& surroundings, const plan::Population& population, plan::DataCursor* data,
                   Share share);

    Task<void> run(LoadOrder order);
    /// Graceful: no new iterations from now on.
    void stop();
    /// Terminal: ends requests in flight.
    void abort();

    [[nodiscard]] int users() const;
    [[nodiscard]] int in_flight() const;

private:
    Task<void> run_closed(LoadOrder order);
    Task<void> run_open(LoadOrder order);
    void set_user_count(std::size_t wanted);
    wire::Flow<> closed_user(std::size_t index);
    wire::Flow<> open_iteration(VirtualUser& user, Instant intended);
    void dispatch(Instant intended);
    VirtualUser& user_at(std::size_t local_index);
    Task<void> sleep_until(Instant at);
    Task<void> finish(Duration grace);

    const UserSurroundings& surroundings_;
    const plan::Population& population_;
    plan::DataCursor* data_;
    Share share_;
    FixedRequests fixed_;
    std::vector<std::unique_ptr<VirtualUser>> users_;
    std::vector<VirtualUser*> free_users_; // open model: idle users, last used first
    std::size_t active_ = 0;               // closed model: users_[0 … active_) shall be at work
    std::vector<bool> at_work_;            // closed model: the user's coroutine runs (a stopped one may still finish)
    TaskGroup group_;
    asio::steady_timer pace_;
    bool stopping_ = false;
};

} // namespace squall::engine
