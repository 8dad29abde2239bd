// Asks services to collect their garbage, so that what they still hold afterwards is held. `gc` in [stack].
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "plan/plan.hpp"
#include "stack/stack.hpp"
#include "wire/task.hpp"

#include <sys/types.h>

#include <string>
#include <vector>

namespace squall::engine {

/// How one running service is asked.
struct GarbageHook {
    std::string service;
    scenario::CollectHook how;
    std::string address; // base URL
    pid_t pid = 0;       // of what the stack started, which may be a shell around the service
    int port = 0;        // on which the service listens; 0: none is known
    bool verify_tls = true;
};

/// Of the services that run and have one, in the order they were started.
[[nodiscard]] std::vector<GarbageHook> garbage_hooks(const plan::Plan& plan,
                                                     const std::vector<stack::ServiceInfo>& services);

/// "POST /debug/gc", "SIGUSR2".
[[nodiscard]] std::string to_text(const scenario::CollectHook& how);

/// A request is answered when the collection is over: any status below 400. A signal goes to the process that listens
/// on the service's port, else to the one that the stack started; when the collection is over is not known. Errors name
/// the service and the way out.
Task<Result<void>> collect_garbage(GarbageHook hook, Instant deadline);

} // namespace squall::engine
