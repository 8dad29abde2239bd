// What /proc says about processes and listening ports. Linux only.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall::stack {

/// The fields of proc(5) /proc/<pid>/stat that we use.
struct ProcessStat {
    pid_t pid = 0;
    std::string name; // comm, at most 15 bytes
    char state = '?';
    pid_t parent = 0;
    pid_t group = 0;
    pid_t session = 0;
    std::uint64_t start = 0; // clock ticks since boot; with the pid it names one process for ever

    [[nodiscard]] bool is_dead() const { return state == 'Z' || state == 'X'; }
};

[[nodiscard]] std::optional<ProcessStat> parse_process_stat(std::string_view text);
[[nodiscard]] std::optional<ProcessStat> process_stat(pid_t pid);
[[nodiscard]] std::vector<ProcessStat> all_processes();

/// Zombies do not count.
[[nodiscard]] std::vector<ProcessStat> processes_of_session(pid_t session);

/// This boot's id: a pid and start time of another boot mean nothing.
[[nodiscard]] std::string boot_id();

/// The inode of the socket that listens on `port`, in the text of /proc/net/tcp or tcp6.
[[nodiscard]] std::optional<std::uint64_t> listening_inode(std::string_view table, int port);

/// The process that listens on the TCP port, where /proc lets us see it.
[[nodiscard]] std::optional<ProcessStat> listener_on(int port);

} // namespace squall::stack
