// A pool state with a clock that a test moves and a record of what it wants done.
#pragma once

#include "base/assert.hpp"
#include "refkit/pool/pool_state.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <variant>
#include <vector>

namespace squall::refkit {

using namespace std::chrono_literals;

class PoolHarness {
public:
    explicit PoolHarness(PoolParams params, bool started = true, std::shared_ptr<PoolBudget> budget = nullptr)
        : state(params, Random(7))
    {
        if (budget) {
            state.share(std::move(budget));
        }
        if (started) {
            state.start(clock.now());
            take();
        }
    }

    /// Collects the pending actions into the lists below.
    void take()
    {
        for (const auto& action : state.take_actions()) {
            if (const auto* dial = std::get_if<Dial>(&action)) {
                dials.push_back(*dial);
            } else if (const auto* validate = std::get_if<Validate>(&action)) {
                validations.push_back(*validate);
            } else if (const auto* reset = std::get_if<Reset>(&action)) {
                resets.push_back(*reset);
            } else if (const auto* close = std::get_if<Close>(&action)) {
                closes.push_back(close->connection);
            } else if (const auto* complete = std::get_if<Complete>(&action)) {
                completions.push_back(*complete);
            } else if (const auto* leak = std::get_if<ReportLeak>(&action)) {
                leaks.push_back(*leak);
            } else if (std::holds_alternative<Offer>(action)) {
                ++offers;
            } else if (std::holds_alternative<BudgetChanged>(action)) {
                budget_changed = true;
            } else {
                timer = std::get<ArmTimer>(action).at;
            }
        }
    }

    WaiterId acquire(Duration patience = 30s)
    {
        const auto waiter = state.acquire(clock.now(), clock.now() + patience);
        take();
        return waiter;
    }
    /// Acquires from a pool that has something idle.
    ConnectionId acquire_now()
    {
        const auto waiter = acquire();
        const auto connection = given(waiter);
        SQUALL_ASSERT(connection.has_value());
        state.collect(waiter, clock.now());
        return *connection;
    }
    void release(ConnectionId connection, ReturnedAs as = ReturnedAs::clean)
    {
        state.release(connection, as, clock.now());
        take();
    }
    /// Every dial wanted so far succeeds.
    void dial_all()
    {
        while (!dials.empty()) {
            const auto dial = dials.front();
            dials.erase(dials.begin());
            state.dialed(dial.connection, clock.now());
            take();
        }
    }
    void fail_dial()
    {
        const auto dial = dials.front();
        dials.erase(dials.begin());
        state.dial_failed(dial.connection, clock.now());
        take();
    }
    /// Moves the clock and tells the pool, as its timer would.
    void advance(Duration by)
    {
        clock.advance(by);
        state.tick(clock.now());
        take();
    }

    [[nodiscard]] const Complete* completion(WaiterId waiter) const
    {
        const auto found = std::ranges::find(completions, waiter, &Complete::waiter);
        return found == completions.end() ? nullptr : &*found;
    }
    [[nodiscard]] std::optional<ConnectionId> given(WaiterId waiter) const
    {
        const auto* complete = completion(waiter);
        const auto* connection = complete != nullptr ? std::get_if<ConnectionId>(&complete->outcome) : nullptr;
        return connection != nullptr ? std::optional(*connection) : std::nullopt;
    }
    [[nodiscard]] std::optional<Errc> refused(WaiterId waiter) const
    {
        const auto* complete = completion(waiter);
        const auto* error = complete != nullptr ? std::get_if<Errc>(&complete->outcome) : nullptr;
        return error != nullptr ? std::optional(*error) : std::nullopt;
    }

    ManualClock clock;
    PoolState state;
    std::vector<Dial> dials;
    std::vector<Validate> validations;
    std::vector<Reset> resets;
    std::vector<ConnectionId> closes;
    std::vector<Complete> completions;
    std::vector<ReportLeak> leaks;
    std::size_t offers = 0;
    bool budget_changed = false;
    std::optional<Instant> timer;
};

inline PoolParams pool_of(std::size_t max, std::size_t min_idle = 0)
{
    PoolParams params;
    params.max = max;
    params.min_idle = min_idle;
    return params;
}

} // namespace squall::refkit
