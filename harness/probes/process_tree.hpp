// A process and everything it started, and which of these is the one that serves.
#pragma once

#include "probes/proc_files.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace squall::probes {

struct TreeProcess {
    pid_t pid = 0;
    ProcStat stat;
};

/// The process and everything below it that is alive or not yet buried, the process first, parents before children.
/// Empty when it is gone.
[[nodiscard]] std::vector<TreeProcess> process_tree(pid_t root);

/// Which process of a tree is the service itself, so that a restart of it is seen behind the shell or supervisor that
/// was started in its stead, and the coming and going of workers is not taken for one:
/// - from the root down while a process does not listen itself and has exactly one child, that runs a program of its
///   own. A child that is a fork of its parent (a pre-fork worker, a Redis that saves) is no service under a wrapper;
/// - who was chosen stays so until it ends: a helper that it starts for a moment changes nothing;
/// - then it is chosen anew. While only those are left that stood above it and that do not listen, a supervisor pauses:
///   there is none.
/// With several children side by side the parent counts as the service.
class ServingProcess {
public:
    using Listens = std::function<bool(pid_t)>;

    /// When it started, in ticks since boot. `listens` is asked only when one must be chosen. Rather call with a whole
    /// tree only: a process missing from it counts as ended.
    [[nodiscard]] std::optional<std::uint64_t> started(const std::vector<TreeProcess>& tree, const Listens& listens);

private:
    struct Identity {
        pid_t pid = 0;
        std::uint64_t start_ticks = 0;
        bool operator==(const Identity&) const = default;
    };
    static Identity identity_of(const TreeProcess& process) { return {process.pid, process.stat.start_ticks}; }

    std::vector<Identity> path_; // from the root to the one that was chosen
};

/// Whether the process holds a listening TCP or unix socket, as far as /proc lets us see.
[[nodiscard]] bool is_listening(pid_t pid);

} // namespace squall::probes
