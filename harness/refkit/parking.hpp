// Where the callers of a limiter or cache wait in their coroutines until the state has an answer for them.
#pragma once

#include "refkit/slot_table.hpp"
#include "refkit/suspension.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace squall::refkit {

/// One thread: the executor's. `Id` names a caller as in slot_table.hpp, `Outcome` is its answer.
template <typename Id, typename Outcome>
class Parking {
public:
    /// A caller; lives in the caller's frame.
    struct Caller {
        Id id{};
        std::optional<Outcome> outcome;
        Suspension suspension; // ends when there is an outcome
    };

    void enter(Caller& caller) { callers_.put(caller.id, &caller); }
    /// False when it left before.
    bool leave(const Caller& caller) { return callers_.erase(caller.id); }
    /// Null when it left, or has its answer.
    [[nodiscard]] Caller* waiting(Id id) const
    {
        auto* caller = callers_.find(id);
        return caller == nullptr || caller->outcome ? nullptr : caller;
    }
    /// Ignored when it left.
    template <typename Answer>
    void answer(Id id, Answer&& outcome)
    {
        if (auto* caller = waiting(id)) {
            caller->outcome.emplace(std::forward<Answer>(outcome));
            caller->suspension.resume();
        }
    }

private:
    SlotShadow<Id, Caller*> callers_;
};

/// Waits on the one timer that a core has for all its callers, and calls its tick(). An execution context that ends
/// drops what waits on its timers: then the callers, who own themselves, are freed by fail_all().
template <typename Core>
class Alarm {
public:
    explicit Alarm(std::weak_ptr<Core> core) : core_(std::move(core)) {}
    ~Alarm()
    {
        if (const auto core = core_.lock()) {
            core->fail_all();
        }
    }
    Alarm(Alarm&&) noexcept = default;
    Alarm& operator=(Alarm&&) = delete;

    void operator()(error_code error)
    {
        const auto core = std::exchange(core_, {}).lock();
        if (core && !error) {
            core->tick();
        }
    }

private:
    std::weak_ptr<Core> core_;
};

} // namespace squall::refkit
