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
};

/// `ticks` a second and `page` bytes as sysconf tells them. The command in the text may hold blanks and brackets.
[[nodiscard]] std::optional<ProcStat> parse_proc_stat(std::string_view text, double ticks, std::uint64_t page);
[[nodiscard]] std::optional<ProcStat> read_proc_stat(pid_t pid);

/// A line of /proc/PID/net/tcp or tcp6.
struct TcpSocket {
    std::string peer; // "127.0.0.1:5432", "[::1]:80"
    std::uint16_t local_port = 0;
    std::uint64_t inode = 0;
    enum class State { established, close_wait, listening, other };
    State state = State::other;
};
[[nodiscard]] std::vector<TcpSocket> parse_tcp_sockets(std::string_view text);

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

/// The process and everything below it that is alive, the process first.
[[nodiscard]] std::vector<pid_t> process_tree(pid_t root);

} // namespace squall::probes
