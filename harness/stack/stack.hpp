// The managed stack: PostgreSQL, PgBouncer, Redis, squall-target and the user's commands as private child processes on
// loopback, and their end.
//
// Every server is a child of a keeper process (keeper.hpp), never of the harness: when the harness dies, whatever the
// way, the keeper stops the servers and removes their data within 3 s. When the keeper is killed, the servers die with
// it (PR_SET_PDEATHSIG) and the harness removes the data.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "scenario/stack_spec.hpp"
#include "stack/programs.hpp"
#include "wire/task.hpp"

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace squall::stack {

struct ServiceInfo {
    std::string name; // "postgres", "pgbouncer", "redis", "target", or the user's
    std::string kind; // postgres, pgbouncer, redis, target, service
    std::string url;  // what the variable of its name holds; redact() before it is shown
    int port = 0;
    pid_t pid = 0;
    std::string log; // path of its log file
};

/// A service that ended though nobody stopped it. The name "keeper" means that all of them are gone.
struct ServiceDeath {
    std::string name;
    pid_t pid = 0;
    std::string how; // "exited with code 1", "was killed by signal 9 (Killed)"
};

struct StackOptions {
    /// Logs go to <run_folder>/logs and stay; data goes to <run_folder>/stack, or to a folder under $TMPDIR where the
    /// unprivileged user cannot reach the run folder, and is removed at the end. Created when missing.
    std::string run_folder;
    /// Command line of the keeper, to which the number of its socket is added: {"/…/squall", "keeper", "--socket"}.
    /// Empty: the keeper runs in a forked child of this program without exec; only for a program with one thread.
    std::vector<std::string> keeper_command;
    std::string target_program;  // path of squall-target, unless the spec names another
    std::string scenario_folder; // relative paths of the spec start here
    std::function<void(std::string_view)> progress = [](std::string_view) {}; // one line of text without newline
    ProgramSearch search = ProgramSearch::of_environment();
    std::shared_ptr<const Clock> clock = std::make_shared<SteadyClock>();
};

class KeeperClient;

/// Handle of a running stack. Used from the thread of the executor that start_stack ran on, and not longer than its
/// context lives. Destruction without stop()
/// closes the keeper's socket: the keeper then stops everything in a hurry, on its own.
class RunningStack {
public:
    RunningStack(std::shared_ptr<KeeperClient> keeper, std::vector<ServiceInfo> services,
                 std::map<std::string, std::string> variables);
    ~RunningStack();
    RunningStack(RunningStack&&) noexcept;
    RunningStack& operator=(RunningStack&&) noexcept;

    /// In the order they were started.
    [[nodiscard]] const std::vector<ServiceInfo>& services() const { return services_; }
    /// For scenarios: postgres, pgbouncer, redis (URLs), and of the target: target, api, ws (base URLs without a slash
    /// at the end; ws://…); and one for each service of the user's, by its name.
    [[nodiscard]] const std::map<std::string, std::string>& variables() const { return variables_; }

    /// Called on the executor for each service that ends unasked; at once for those that ended already.
    void on_death(std::function<void(const ServiceDeath&)> callback);

    /// Stops all in reverse order, each with its grace, and waits until processes and data are gone. An error says what
    /// is left. Bounded by the graces and a few seconds; may be called again. Not cancellable.
    Task<Result<void>> stop();

    /// Leaves the stack running after this process: from now on only SIGTERM to the keeper stops it.
    Task<Result<void>> detach();

    [[nodiscard]] pid_t keeper_pid() const;
    /// Folders that the keeper removes at the end.
    [[nodiscard]] const std::vector<std::string>& private_folders() const;

private:
    void swap(RunningStack& other) noexcept;

    std::shared_ptr<KeeperClient> keeper_;
    std::vector<ServiceInfo> services_;
    std::map<std::string, std::string> variables_;
};

/// Starts what the spec names: postgres and redis side by side, then pgbouncer, the target, the user's services (one
/// that uses another's variable after it). Programs, files and fixed ports are checked before anything starts. A
/// failure or a (terminal) cancellation tears down what was started, and the error says what, which service, the end of
/// its log, and the way out.
Task<Result<RunningStack>> start_stack(scenario::StackSpec spec, StackOptions options);

} // namespace squall::stack
