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

/// Bytes after "Pss:" in smaps_rollup.
[[nodiscard]] std::optional<std::uint64_t> parse_pss(std::string_view text);

/// The inode in "socket:[1234]"; nothing for other files.
[[nodiscard]] std::optional<std::uint64_t> parse_socket_link(std::string_view text);

/// The whole file; nothing when it cannot be read.
[[nodiscard]] std::optional<std::string> read_proc_file(pid_t pid, const char* name);

/// Numbers of the open files of a process; nothing when the folder cannot be read.
[[nodiscard]] std::optional<std::size_t> count_open_files(pid_t pid);
/// Inodes of its open sockets.
[[nodiscard]] std::vector<std::uint64_t> socket_inodes(pid_t pid);

} // namespace squall::probes
