#include "probes/cgroup_files.hpp"

#include "base/text.hpp"
#include "probes/number_text.hpp"
#include "probes/proc_files.hpp"
#include "probes/small_file.hpp"

#include <algorithm>
#include <filesystem>

namespace squall::probes {
namespace {

/// Lines of a text, each as its words.
std::vector<std::vector<std::string>> lines_of_words(std::string_view text)
{
    std::vector<std::vector<std::string>> lines;
    for (const auto& line : split(text, '\n')) {
        auto words = split(trim(line), ' ');
        std::erase(words, "");
        lines.push_back(std::move(words));
    }
    return lines;
}

/// mountinfo writes a blank as \040 and so on (proc(5)).
std::string unescape(std::string_view text)
{
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto code = text[at] == '\\' ? to_number<unsigned char>(text.substr(at + 1, 3), 8) : std::nullopt;
        plain += code ? static_cast<char>(*code) : text[at];
        at += code ? 3 : 0;
    }
    return plain;
}

bool has(const std::vector<std::string>& controllers, std::string_view wanted)
{
    return wanted.empty() ? controllers.empty() : std::ranges::find(controllers, wanted) != controllers.end();
}

/// Empty where the group is not below what is mounted.
std::string folder_of(const std::vector<CgroupMembership>& memberships, const std::vector<CgroupMount>& mounts,
                      std::string_view controller, bool root_too = false)
{
    const auto membership = std::ranges::find_if(
        memberships, [controller](const CgroupMembership& entry) { return has(entry.controllers, controller); });
    const auto mount = std::ranges::find_if(
        mounts, [controller](const CgroupMount& entry) { return has(entry.controllers, controller); });
    if (membership == memberships.end()) {
        return controller.empty() ? "" : folder_of(memberships, mounts, "", root_too); // version 2 has it, if any
    }
    if (mount == mounts.end()) {
        return "";
    }
    if (membership->path == "/") {
        return root_too ? mount->folder : "";
    }
    const std::string root = mount->root == "/" ? "" : mount->root;
    if (membership->path == mount->root) {
        return mount->folder; // a container sees its own group at the root
    }
    return membership->path.starts_with(root + "/") ? mount->folder + membership->path.substr(root.size()) : "";
}

std::optional<std::string> read_in(const std::string& folder, const char* name)
{
    return folder.empty() ? std::nullopt : read_small_file((folder + "/" + name).c_str());
}

std::optional<double> number_in(const std::string& folder, std::initializer_list<const char*> names)
{
    for (const auto* name : names) {
        const auto text = read_in(folder, name);
        const auto number = text ? parse_limit(*text) : std::nullopt;
        if (number) {
            return static_cast<double>(*number);
        }
    }
    return std::nullopt;
}

using Flat = std::map<std::string, std::uint64_t, std::less<>>;

std::optional<double> entry(const Flat& flat, std::initializer_list<std::string_view> names)
{
    for (const auto name : names) {
        const auto found = flat.find(name);
        if (found != flat.end()) {
            return static_cast<double>(found->second);
        }
    }
    return std::nullopt;
}

Flat flat_in(const std::string& folder, const char* name)
{
    return parse_flat(read_in(folder, name).value_or(""));
}

void read_memory(const std::string& folder, CgroupReading& reading)
{
    reading.memory = number_in(folder, {"memory.current", "memory.usage_in_bytes"});
    const auto limit = memory_limit_of(folder);
    reading.memory_limit = limit ? std::optional(static_cast<double>(*limit)) : std::nullopt;
    reading.memory_high = number_in(folder, {"memory.high"});
    const auto stat = flat_in(folder, "memory.stat");
    // total_…: of version 1, with the groups below; version 2 always counts these.
    reading.anon = entry(stat, {"total_rss", "anon"});
    reading.file = entry(stat, {"total_cache", "file"});
    reading.slab = entry(stat, {"slab"});
    reading.sock = entry(stat, {"sock"});
    if (!reading.sock) {
        reading.sock = number_in(folder, {"memory.kmem.tcp.usage_in_bytes"});
    }
    reading.swap = number_in(folder, {"memory.swap.current"});
    if (!reading.swap) {
        reading.swap = entry(stat, {"total_swap"});
    }
    const auto inactive = entry(stat, {"total_inactive_file", "inactive_file"});
    if (reading.memory && inactive) {
        reading.working_set = std::max(0.0, *reading.memory - *inactive);
    }
    const auto events = flat_in(folder, "memory.events");
    reading.high_events = entry(events, {"high"});
    reading.ooms = entry(events, {"oom"});
    reading.oom_kills = entry(events, {"oom_kill"});
    if (!reading.oom_kills) {
        reading.oom_kills = entry(flat_in(folder, "memory.oom_control"), {"oom_kill"});
    }
}

} // namespace

std::vector<CgroupMembership> parse_memberships(std::string_view text)
{
    std::vector<CgroupMembership> memberships;
    for (const auto& line : split(text, '\n')) {
        const auto first = line.find(':');
        const auto second = first == std::string::npos ? first : line.find(':', first + 1);
        if (second == std::string::npos) {
            continue;
        }
        auto controllers = split(line.substr(first + 1, second - first - 1), ',');
        std::erase(controllers, "");
        memberships.push_back({std::move(controllers), line.substr(second + 1)});
    }
    return memberships;
}

std::vector<CgroupMount> parse_cgroup_mounts(std::string_view text)
{
    std::vector<CgroupMount> mounts;
    for (const auto& words : lines_of_words(text)) {
        // "35 31 0:32 ROOT FOLDER OPTIONS [tags…] - TYPE SOURCE SUPER_OPTIONS"
        const auto dash = std::ranges::find(words, "-");
        if (words.size() < 9 || std::distance(dash, words.end()) < 4) {
            continue;
        }
        const auto& type = *(dash + 1);
        if (type == "cgroup2") {
            mounts.push_back({{}, unescape(words[3]), unescape(words[4])});
        } else if (type == "cgroup") {
            mounts.push_back({split(*(dash + 3), ','), unescape(words[3]), unescape(words[4])});
        }
    }
    return mounts;
}

CgroupFolders find_folders(const std::vector<CgroupMembership>& memberships, const std::vector<CgroupMount>& mounts)
{
    return {folder_of(memberships, mounts, "memory"), folder_of(memberships, mounts, "pids"),
            folder_of(memberships, mounts, "cpu")};
}

std::optional<std::uint64_t> memory_limit_around(pid_t pid)
{
    const auto memberships = read_proc_file(pid, "cgroup");
    const auto mounts = read_small_file("/proc/self/mountinfo");
    if (!memberships || !mounts) {
        return std::nullopt;
    }
    return memory_limit_of(folder_of(parse_memberships(*memberships), parse_cgroup_mounts(*mounts), "memory", true));
}

CgroupFolders cgroup_of(pid_t pid)
{
    const auto memberships = read_proc_file(pid, "cgroup");
    const auto mounts = read_small_file("/proc/self/mountinfo");
    if (!memberships || !mounts) {
        return {};
    }
    return find_folders(parse_memberships(*memberships), parse_cgroup_mounts(*mounts));
}

std::map<std::string, std::uint64_t, std::less<>> parse_flat(std::string_view text)
{
    Flat flat;
    for (const auto& words : lines_of_words(text)) {
        const auto number = words.size() == 2 ? to_number<std::uint64_t>(words[1]) : std::nullopt;
        if (number) {
            flat.emplace(words[0], *number);
        }
    }
    return flat;
}

std::optional<std::uint64_t> parse_limit(std::string_view text)
{
    // Version 1 writes the largest multiple of a page that fits a long.
    constexpr std::uint64_t least_unlimited = 1ULL << 62U;
    const auto number = to_number<std::uint64_t>(trim(text));
    return number && *number < least_unlimited ? number : std::nullopt;
}

std::optional<std::uint64_t> memory_limit_of(const std::string& folder)
{
    std::optional<std::uint64_t> lowest;
    for (std::filesystem::path group = folder; group.has_relative_path(); group = group.parent_path()) {
        auto text = read_in(group.string(), "memory.max");
        if (!text) {
            text = read_in(group.string(), "memory.limit_in_bytes");
        }
        if (!text && !std::filesystem::exists(group / "cgroup.procs")) {
            break; // above the hierarchy
        }
        const auto limit = text ? parse_limit(*text) : std::nullopt;
        if (limit) {
            lowest = std::min(lowest.value_or(*limit), *limit);
        }
    }
    return lowest;
}

CgroupReading read_cgroup(const CgroupFolders& folders)
{
    CgroupReading reading;
    if (!folders.memory.empty()) {
        read_memory(folders.memory, reading);
    }
    reading.pids = number_in(folders.pids, {"pids.current"});
    reading.pids_limit = number_in(folders.pids, {"pids.max"});
    const auto cpu = flat_in(folders.cpu, "cpu.stat");
    if (const auto microseconds = entry(cpu, {"throttled_usec"})) {
        reading.throttled_seconds = *microseconds / 1e6;
    } else if (const auto nanoseconds = entry(cpu, {"throttled_time"})) {
        reading.throttled_seconds = *nanoseconds / 1e9;
    }
    return reading;
}

} // namespace squall::probes
