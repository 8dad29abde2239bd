// What the files of a control group say, version 1 and 2 (kernel: Documentation/admin-guide/cgroup-v1, cgroup-v2.rst).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall::probes {

/// A line of /proc/PID/cgroup: "4:memory:/app" or, of version 2, "0::/app".
struct CgroupMembership {
    std::vector<std::string> controllers; // empty: version 2
    std::string path;
    bool operator==(const CgroupMembership&) const = default;
};
[[nodiscard]] std::vector<CgroupMembership> parse_memberships(std::string_view text);

/// A mounted hierarchy, from /proc/self/mountinfo.
struct CgroupMount {
    std::vector<std::string> controllers; // empty: version 2
    std::string root;                     // which group of the hierarchy is seen at `folder`
    std::string folder;
};
[[nodiscard]] std::vector<CgroupMount> parse_cgroup_mounts(std::string_view text);

/// Where a process's group is seen in the file system, by controller; empty where it is not, or is the root group. On a
/// machine with version 2 alone all three are the same folder.
struct CgroupFolders {
    std::string memory;
    std::string pids;
    std::string cpu;
    bool operator==(const CgroupFolders&) const = default;
};
[[nodiscard]] CgroupFolders find_folders(const std::vector<CgroupMembership>& memberships,
                                         const std::vector<CgroupMount>& mounts);
/// Of a living process; all empty where it cannot be told.
[[nodiscard]] CgroupFolders cgroup_of(pid_t pid);

/// The lowest memory limit under which a process lives: its group's, also where that is the root that a container sees.
[[nodiscard]] std::optional<std::uint64_t> memory_limit_around(pid_t pid);

/// "name 12" lines, as in memory.stat.
[[nodiscard]] std::map<std::string, std::uint64_t, std::less<>> parse_flat(std::string_view text);
/// A number; nothing for "max" and for what version 1 writes without a limit.
[[nodiscard]] std::optional<std::uint64_t> parse_limit(std::string_view text);

/// Bytes, counts and seconds; what the group does not tell is absent.
struct CgroupReading {
    std::optional<double> memory; // with the page cache, which the kernel takes back when it needs it
    std::optional<double> memory_limit;
    std::optional<double> memory_high; // above it the group is slowed down
    std::optional<double> working_set; // memory without inactive files
    std::optional<double> anon;
    std::optional<double> file;
    std::optional<double> sock;
    std::optional<double> slab;
    std::optional<double> swap;
    std::optional<double> pids;
    std::optional<double> pids_limit;
    std::optional<double> high_events; // cumulative from here on
    std::optional<double> ooms;
    std::optional<double> oom_kills;
    std::optional<double> throttled_seconds;
};

[[nodiscard]] CgroupReading read_cgroup(const CgroupFolders& folders);
/// The lowest memory limit of the group and of those above it that are seen.
[[nodiscard]] std::optional<std::uint64_t> memory_limit_of(const std::string& folder);

} // namespace squall::probes
