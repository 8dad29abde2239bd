// Gauges of a control group: of a container, or of a service that has one of its own.
#pragma once

#include "probes/cgroup_files.hpp"
#include "probes/probe.hpp"

#include <memory>
#include <string>
#include <vector>

namespace squall::probes {

/// Of the group with this folder, such as "/sys/fs/cgroup/system.slice/app.service" (version 2) or
/// "/sys/fs/cgroup/memory/docker/4711" (version 1, whose controllers each have a folder), where it tells them:
/// NAME.cgroup_anon, .cgroup_sock, .cgroup_slab, .cgroup_swap and .cgroup_working_set (memory without inactive files),
/// in bytes, .cgroup_pids; and, as they are no sign of a leak, .cgroup_memory (with the page cache), .cgroup_file,
/// .cgroup_memory_limit (the lowest of the group and those above it; absent without one), .cgroup_memory_high,
/// .cgroup_pids_limit, and since the group was made .oom_kills, .ooms, .cgroup_high_events and
/// .cgroup_throttled_seconds. A folder that is gone, or that is no group, fails the reading.
[[nodiscard]] std::unique_ptr<Probe> make_cgroup_probe(std::string name, std::string folder);

/// Without the name in front.
[[nodiscard]] std::vector<std::string> cgroup_gauge_names();

/// What was read, under these names.
void add_cgroup_gauges(const std::string& name, const CgroupReading& reading, std::vector<GaugeReading>& gauges);

} // namespace squall::probes
