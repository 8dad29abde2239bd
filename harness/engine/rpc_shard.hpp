// What the rpc steps of one engine thread share.
#pragma once

#include "drivers/stderr_log.hpp"
#include "drivers/stdio_server.hpp"
#include "plan/plan.hpp"

#include <memory>
#include <string>
#include <vector>

namespace squall::engine {

/// Where the processes of the users' steps are known and say what they say.
struct RpcSurroundings {
    std::string log_folder;
    drivers::ChildRegistry* registry = nullptr;
};

/// On its thread. Without surroundings no process is started.
class RpcShard {
public:
    RpcShard(wire::ThreadEvents& events, const Clock& clock, const plan::Plan& plan,
             const RpcSurroundings& surroundings = {});

    [[nodiscard]] drivers::StdioContext& context() { return context_; }
    /// What the processes of the service get as their stderr.
    [[nodiscard]] int log_of(std::size_t service);
    /// The environment of this process, as "NAME=value".
    [[nodiscard]] const std::vector<std::string>& environment() const { return environment_; }

    /// Behind a phase: no process of its users lives when it has ended.
    wire::Flow<> end();
    /// Nobody is waited for any more.
    void hurry() { context_.kill_all(); }

private:
    drivers::StdioContext context_;
    std::vector<std::unique_ptr<drivers::StderrLog>> logs_; // by service
    std::vector<std::string> environment_;
};

} // namespace squall::engine
