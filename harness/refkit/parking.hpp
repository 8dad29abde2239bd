// Where the callers of a limiter or cache wait in their coroutines until the state has an answer for them.
#pragma once

#include "wire/task.hpp"

#include <optional>
#include <unordered_map>
#include <utility>

namespace squall::refkit {

/// One thread: the executor's. `Id` names a caller, `Outcome` is its answer.
template <typename Id, typename Outcome>
class Parking {
public:
    /// A caller; lives in the caller's frame.
    struct Caller {
        explicit Caller(const asio::any_io_executor& executor) : wake(executor, asio::steady_timer::time_point::max())
        {}
        Id id{};
        std::optional<Outcome> outcome;
        asio::steady_timer wake; // cancelled when there is an outcome
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
