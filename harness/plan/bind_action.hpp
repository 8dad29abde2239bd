// What a step does, resolved: one overload a kind of step, each in a file of its own.
#pragma once

#include "plan/binder.hpp"

#include <string>
#include <vector>

namespace squall::plan {

/// Where a step stands.
struct StepPlace {
    const Scope& scope; // what its texts may use
    const scenario::Place& place;
    const std::vector<std::string>& allow_hosts;
    Binder& binder;
    const scenario::Scenario& scenario;
};

[[nodiscard]] HttpAction bind_action(const scenario::HttpStep& http, const StepPlace& at);
[[nodiscard]] WebSocketAction bind_action(const scenario::WebSocketStep& socket, const StepPlace& at);
[[nodiscard]] PostgresAction bind_action(const scenario::PostgresStep& postgres, const StepPlace& at);
[[nodiscard]] RedisAction bind_action(const scenario::RedisStep& redis, const StepPlace& at);
[[nodiscard]] RpcAction bind_action(const scenario::RpcStep& rpc, const StepPlace& at);

} // namespace squall::plan
