// Gauges of a process and everything it started, from /proc.
#pragma once

#include "probes/probe.hpp"
#include "scenario/scenario.hpp"

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace squall::probes {

/// alone: the process without what it started, and without what is dear to read: the generator beside the services that
/// it manages, with which it must not compete by looking at itself.
enum class ProcessScope { tree, alone };

struct ProcessOptions {
    ProcessScope scope = ProcessScope::tree;
    /// For memory_class. Nothing: by the limit of the control group that the process lives in, if it has one.
    std::optional<scenario::MemoryThresholds> memory_classes{};
};

/// All gauges are sums over the tree (the process and its descendants), as services are often a shell around the
/// program. At each reading: NAME.rss, .rss_anon (without pages of files), .vms (bytes; shared pages count once for
/// each process), .vms_per_rss (a ratio), .threads, .fds, .children (descendants alive), .cpu_seconds (cumulative, with
/// ended children that were waited for), and .memory_class: 0 normal, 1 warning, 2 critical, 3 emergency, by .rss.
///
/// About once a second, and absent between:
/// - .pss, .uss (pages of one process alone), .private_dirty, .swap; not above 50 processes;
/// - .fds by {type=…} (open_files.hpp) and .files by {path=…}, open files with digits folded, deleted ones too;
/// - .sockets (established TCP), by {peer=ADDRESS:PORT} for those the tree opened and {accepted=PORT} for those it
///   accepted; .close_wait (closed by the peer, not yet by the tree). By {state=…} all its TCP sockets, with those that
///   no process holds any more at a port where the tree listens (time_wait), or not yet (not_accepted);
/// - .udp_sockets, .unix_sockets, .inotify_watches;
/// - .locks and by {type=posix|flock|…}: file locks held, but for those of open file descriptions (OFD);
/// - of its control group, where that is neither the root one nor the harness's own: cgroup.hpp.
///
/// NAME.started_at is no sum: when the process that really serves began, in seconds since boot (process_tree.hpp says
/// which of the tree that is). It changes when the service was restarted behind a shell or a supervisor, and is absent
/// while the supervisor pauses; nothing that is held can be compared across a change of it.
///
/// A look takes at most a twentieth of the time: with hundreds of processes or tens of thousands of descriptors some
/// readings are empty, or without what is dear. A gauge that /proc does not let us read is absent. When the process has
/// ended, or its pid is another's now (by start time), the reading fails with "process 123 has ended"; without a free
/// descriptor of ours, with "/proc/123 cannot be read". `clock` must
/// outlive the probe.
[[nodiscard]] std::unique_ptr<Probe> make_process_probe(std::string name, pid_t pid, const Clock& clock,
                                                        ProcessOptions options = {});

/// Its gauges without labels that any process may have, without the name in front.
[[nodiscard]] std::vector<std::string> process_gauge_names();

} // namespace squall::probes
