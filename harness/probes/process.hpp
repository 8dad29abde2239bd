// Gauges of a process and everything it started, from /proc.
#pragma once

#include "probes/probe.hpp"

#include <sys/types.h>

#include <memory>
#include <string>

namespace squall::probes {

/// alone: the process without what it started, and without sockets and pss: the generator beside the services that it
/// manages, with which it must not compete by looking at itself.
enum class ProcessScope { tree, alone };

/// All gauges are sums over the tree (the process and its descendants), as services are often a shell around the
/// program: NAME.rss, .vms, .pss (bytes; shared pages count once for each process in rss, by share in pss), .threads,
/// .fds, .children (descendants alive), .cpu_seconds (cumulative, with ended children that were waited for), .sockets
/// (established TCP), by {peer=ADDRESS:PORT} for those the tree opened and {accepted=PORT} for those it accepted, and
/// .close_wait (closed by the peer, not yet by the tree).
///
/// NAME.started_at is no sum: when the process that really serves began, in seconds since boot (process_tree.hpp says
/// which of the tree that is). It changes when the service was restarted behind a shell or a supervisor, and is absent
/// while the supervisor pauses; nothing that is held can be compared across a change of it.
///
/// A look takes at most a twentieth of the time: with hundreds of processes some readings are empty. Sockets and pss,
/// dear to read, come at most once a second and are absent between; pss not at all above 50 processes. A gauge that
/// /proc does not let us read is absent too. When the process has ended, or its pid is another's now (by start time),
/// the reading fails with "process 123 has ended". `clock` must outlive the probe.
[[nodiscard]] std::unique_ptr<Probe> make_process_probe(std::string name, pid_t pid, const Clock& clock,
                                                        ProcessScope scope = ProcessScope::tree);

} // namespace squall::probes
