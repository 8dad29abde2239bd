#include "probes/process_details.hpp"

#include "probes/cgroup.hpp"
#include "probes/open_files.hpp"
#include "probes/small_file.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>

namespace squall::probes {
namespace {

/// Adding up the pages of a process takes about a millisecond: a database with hundreds would hold up every probe.
constexpr std::size_t most_processes_for_pages = 50;

std::string lower_case(std::string_view text)
{
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    });
    return lower;
}

/// Part of the tree may have ended since it was listed.
bool is_alive(pid_t pid)
{
    const auto stat = read_proc_stat(pid);
    return stat && stat->state != 'Z' && stat->state != 'X';
}

} // namespace

ProcessDetails::ProcessDetails(const std::string& name)
    : name_(name),
      harness_group_(cgroup_of(getpid())),
      sockets_(name),
      by_kind_(name + ".fds", "type"),
      by_path_(name + ".files", "path"),
      by_lock_(name + ".locks", "type")
{
    by_kind_.expect({"socket", "pipe", "file", "deleted", "eventfd", "epoll"});
    by_lock_.expect({"posix", "flock"});
}

void ProcessDetails::add(const std::vector<TreeProcess>& tree, std::vector<GaugeReading>& gauges)
{
    add_memory(tree, gauges);
    add_open_files(tree, gauges);
    add_locks(tree, gauges);
    const auto group = cgroup_of(tree.front().pid);
    if (group != harness_group_) {
        add_cgroup_gauges(name_, read_cgroup(group), gauges);
    }
}

void ProcessDetails::add_memory(const std::vector<TreeProcess>& tree, std::vector<GaugeReading>& gauges) const
{
    if (tree.size() > most_processes_for_pages) {
        return;
    }
    SmapsRollup sum;
    for (const auto& process : tree) {
        const auto text = read_proc_file(process.pid, "smaps_rollup");
        const auto rollup = text ? parse_smaps_rollup(*text) : std::nullopt;
        if (!rollup && is_alive(process.pid)) {
            return; // a part of the tree is not ours to see: no sum
        }
        const auto part = rollup.value_or(SmapsRollup{});
        sum.pss += part.pss;
        sum.uss += part.uss;
        sum.private_dirty += part.private_dirty;
        sum.swap += part.swap;
    }
    gauges.push_back({name_ + ".pss", static_cast<double>(sum.pss)});
    gauges.push_back({name_ + ".uss", static_cast<double>(sum.uss)});
    gauges.push_back({name_ + ".private_dirty", static_cast<double>(sum.private_dirty)});
    gauges.push_back({name_ + ".swap", static_cast<double>(sum.swap)});
}

void ProcessDetails::count_open_file(pid_t pid, const char* number, std::string_view link)
{
    const auto kind = kind_of_open_file(link);
    by_kind_.add(kind);
    if (const auto inode = parse_socket_link(link)) {
        socket_inodes_.push_back(*inode);
    } else if (kind == "file" || kind == "deleted") {
        by_path_.add(fold_path(link));
    } else if (kind == "inotify") {
        const auto text = read_proc_file(pid, fmt::format("fdinfo/{}", number).c_str());
        inotify_watches_ += static_cast<double>(count_inotify_watches(text.value_or("")));
    }
}

void ProcessDetails::add_open_files(const std::vector<TreeProcess>& tree, std::vector<GaugeReading>& gauges)
{
    socket_inodes_.clear();
    inotify_watches_ = 0;
    bool all_seen = true;
    for (const auto& process : tree) {
        const pid_t pid = process.pid;
        const bool seen = for_each_open_file(
            pid, [&](const char* number, std::string_view link) { count_open_file(pid, number, link); });
        all_seen = all_seen && (seen || !is_alive(pid));
    }
    std::vector<GaugeReading> parts;
    by_kind_.take(parts);
    by_path_.take(parts);
    if (!all_seen) {
        return; // a sum without a part of the tree would be too low
    }
    std::ranges::move(parts, std::back_inserter(gauges));
    gauges.push_back({name_ + ".inotify_watches", inotify_watches_});
    // A socket that parent and child share counts once.
    std::ranges::sort(socket_inodes_);
    const auto twice = std::ranges::unique(socket_inodes_);
    socket_inodes_.erase(twice.begin(), twice.end());
    sockets_.add(tree.front().pid, socket_inodes_, gauges);
}

void ProcessDetails::add_locks(const std::vector<TreeProcess>& tree, std::vector<GaugeReading>& gauges)
{
    const auto text = read_small_file("/proc/locks");
    if (!text) {
        return;
    }
    double held = 0;
    for (const auto& lock : parse_locks(*text)) {
        if (std::ranges::find(tree, lock.pid, &TreeProcess::pid) != tree.end()) {
            ++held;
            by_lock_.add(lower_case(lock.type));
        }
    }
    gauges.push_back({name_ + ".locks", held});
    by_lock_.take(gauges);
}

} // namespace squall::probes
