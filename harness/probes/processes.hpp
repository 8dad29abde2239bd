// Gauges of many processes that come and go, from /proc: the servers that a run's users start.
#pragma once

#include "probes/probe.hpp"

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace squall::probes {

/// NAME.processes, and sums over them: NAME.rss (bytes), .threads, .fds. What they started themselves is not in it.
/// `pids` tells who is alive now; it is asked from the thread that reads. A look takes at most a twentieth of the time:
/// with hundreds of processes the sums are read less often than the count.
[[nodiscard]] std::unique_ptr<Probe> make_processes_probe(std::string name, std::function<std::vector<pid_t>()> pids,
                                                          const Clock& clock);

} // namespace squall::probes
