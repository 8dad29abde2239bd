// Where the callers of a limiter or cache wait in their coroutines until the state has an answer for them.
#pragma once

#include "base/time.hpp"
#include "wire/task.hpp"

#include <optional>
#include <unordered_map>
#include <utility>

namespace squall::refkit {

/// One thread: the executor's. `Id` names a caller, `Outcome` is its answer; `Timer` is asio::steady_timer, or what a
/// simulation puts in its place.
template <typename Id, typename Outcome, typename Timer = asio::steady_timer>
class Parking {
public:
    /// A caller; lives in the caller's frame.
    struct Caller {
        explicit Caller(const asio::any_io_executor& executor) : wake(executor, Instant::max()) {}
        Id id{};
        std::optional<Outcome> outcome;
        Timer wake; // cancelled when there is an outcome
    };

    void enter(Caller& caller) { callers_.emplace(caller.id, &caller); }
    /// False when it left before.
    bool leave(const Caller& caller) { return callers_.erase(caller.id) > 0; }
    /// Unknown callers are ignored: they left.
    void answer(Id id, Outcome outcome)
    {
        if (const auto found = callers_.find(id); found != callers_.end()) {
            found->second->outcome.emplace(std::move(outcome));
            found->second->wake.cancel();
        }
    }

private:
    std::unordered_map<Id, Caller*> callers_;
};

} // namespace squall::refkit
