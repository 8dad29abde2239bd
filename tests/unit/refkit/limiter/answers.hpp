// What a limiter's state answered, by caller.
#pragma once

#include "base/assert.hpp"
#include "refkit/limiter/caller.hpp"

#include <map>
#include <utility>
#include <vector>

namespace squall::refkit {

class Answers {
public:
    /// Collects the pending actions; gives the answers among them, in their order. A second answer to one caller is an
    /// error of the state.
    template <typename State>
    std::vector<std::pair<CallerId, std::optional<Rejection>>> take(State& state)
    {
        std::vector<std::pair<CallerId, std::optional<Rejection>>> taken;
        for (const auto& action : state.take_actions()) {
            if (const auto* answer = std::get_if<Answer>(&action)) {
                SQUALL_ASSERT(all_.emplace(answer->caller, answer->refused).second);
                taken.emplace_back(answer->caller, answer->refused);
            } else {
                wake = std::get<WakeAt>(action).at;
            }
        }
        return taken;
    }

    [[nodiscard]] bool has(CallerId caller) const { return all_.contains(caller); }
    [[nodiscard]] bool admitted(CallerId caller) const { return has(caller) && !all_.at(caller); }
    [[nodiscard]] std::optional<Rejection> refused(CallerId caller) const
    {
        return has(caller) ? all_.at(caller) : std::nullopt;
    }

    std::optional<Instant> wake; // the last wish

private:
    std::map<CallerId, std::optional<Rejection>> all_;
};

} // namespace squall::refkit
