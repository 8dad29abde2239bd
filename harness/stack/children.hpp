// The keeper's children and how they are made to end. No threads; times are passed in.
#pragma once

#include "base/time.hpp"
#include "stack/protocol.hpp"

#include <optional>
#include <vector>

namespace squall::stack {

/// How long children get between their stop signal and SIGKILL when the harness died.
constexpr Duration hurry_grace = std::chrono::milliseconds(1500);

class Children {
public:
    Result<pid_t> start(const SpawnRequest& request);

    /// Collects whatever ended, adopted orphans too; those that were started by name are returned.
    [[nodiscard]] std::vector<Ended> reap();

    /// From now on tick() stops them one by one, the last started first.
    void stop_in_order();
    /// Stops all at once, and outruns a stop in order.
    void hurry(Instant now);

    /// Sends the signals that are due.
    void tick(Instant now);
    /// When tick() has something to do again without an event.
    [[nodiscard]] std::optional<Instant> next_deadline() const;

    [[nodiscard]] bool any_alive() const;

    /// SIGKILL for every process that is a child now; false when there is none.
    static bool kill_descendants();

private:
    struct Child {
        SpawnRequest request;
        pid_t pid = 0;
        bool alive = true;
        bool killed = false;
        std::optional<Instant> kill_at; // set once it was asked to stop
    };

    static void signal_child(const Child& child, int signal);

    std::vector<Child> children_; // in the order of start
    bool in_order_ = false;
    bool hurried_ = false;
};

} // namespace squall::stack
