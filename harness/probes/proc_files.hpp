// What /proc says, parsed. The readers give nothing where a file is gone or not for us to read.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall::probes {

/// From /proc/PID/stat (proc(5)).
struct ProcStat {
    char state = '?';
    pid_t parent = 0;
    double cpu_seconds = 0; // its own and that of children it has waited for
    std::uint64_t threads = 0;
    std::uint64_t start_ticks = 0; // since boot: with the pid it names a process for good
    std::uint64_t vms_bytes = 0;
    std::uint64_t rss_bytes = 0;
    std::string command; // at most 15 letters
    /// Where its program's code and stack begin, which a fork keeps and an exec draws anew; 0 where not ours to see.
    std::uint64_t code_begin = 0;
    std::uint64_t stack_begin = 0;
};

/// `ticks` a second and `page` bytes as sysconf tells them. The command in the text may hold blanks and brackets.
[[nodiscard]] std::optional<ProcStat> parse_proc_stat(std::string_view text, double ticks, std::uint64_t page);
[[nodiscard]] std::optional<ProcStat> read_proc_stat(pid_t pid);

/// From /proc/PID/statm, cheap and readable by all: pages that belong to no file, the RssAnon of /proc/PID/status.
[[nodiscard]] std::optional<std::uint64_t> parse_anonymous_bytes(std::string_view statm, std::uint64_t page);

/// From /proc/PID/smaps_rollup, in bytes.
struct SmapsRollup {
    std::uint64_t pss = 0;
    std::uint64_t uss = 0; // pages of this process alone, clean and dirty
    std::uint64_t private_dirty = 0;
    std::uint64_t swap = 0;
};
/// Nothing where it is cut off before Pss: or after.
[[nodiscard]] std::optional<SmapsRollup> parse_smaps_rollup(std::string_view text);

/// A line of /proc/locks that a process holds: waiting ones are left out.
struct KernelLock {
    std::string_view type; // of the text: "POSIX", "FLOCK", "OFDLCK", "LEASE"
    pid_t pid = 0;         // -1 for OFDLCK: the kernel does not tell
};
[[nodiscard]] std::vector<KernelLock> parse_locks(std::string_view text);

/// The whole file; nothing when it cannot be read.
[[nodiscard]] std::optional<std::string> read_proc_file(pid_t pid, const char* name);

} // namespace squall::probes
