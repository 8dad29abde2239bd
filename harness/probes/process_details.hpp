// What costs more to read of a tree of processes: memory by share, open files, sockets, locks, its control group.
#pragma once

#include "probes/cgroup_files.hpp"
#include "probes/gauge_name.hpp"
#include "probes/process_sockets.hpp"
#include "probes/process_tree.hpp"

#include <optional>
#include <string>
#include <vector>

namespace squall::probes {

/// Remembers the labels seen, so one object belongs to one tree. The gauges are described in process.hpp.
class ProcessDetails {
public:
    explicit ProcessDetails(const std::string& name);

    /// `tree` is not empty, its root first.
    void add(const std::vector<TreeProcess>& tree, std::vector<GaugeReading>& gauges);

private:
    void add_memory(const std::vector<TreeProcess>& tree, std::vector<GaugeReading>& gauges) const;
    void add_open_files(const std::vector<TreeProcess>& tree, std::vector<GaugeReading>& gauges);
    void add_locks(const std::vector<TreeProcess>& tree, std::vector<GaugeReading>& gauges);
    /// What one look at the open files found besides kinds and paths.
    struct Found {
        std::vector<std::uint64_t> socket_inodes;
        double inotify_watches = 0;
    };
    void count_open_file(pid_t pid, const char* number, std::string_view link, Found& found);

    std::string name_;
    CgroupFolders harness_group_;
    ProcessSockets sockets_;
    Breakdown by_kind_;
    Breakdown by_path_;
    Breakdown by_lock_;
};

} // namespace squall::probes
