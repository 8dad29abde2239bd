// The open files of a process by kind and by pattern of their path.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace squall::probes {

/// How many; nothing when the folder cannot be read. Linux 6.2 and later tell it at once, others by a list.
[[nodiscard]] std::optional<std::size_t> count_open_files(pid_t pid);

/// Calls for each open file with its number and what /proc/PID/fd/N points to. One that is closed meanwhile is left
/// out; so is all of a process that is not ours to see: then false.
bool for_each_open_file(pid_t pid, const std::function<void(const char* number, std::string_view link)>& call);

/// What such a link is: "socket", "pipe", "eventfd", "epoll", "timerfd", "inotify" and whatever else the kernel calls
/// an anonymous inode; "memfd", "device" (below /dev, but not /dev/shm), "namespace", "deleted" (a file without a name
/// any more) and "file" (anything else with a path: regular files, folders, named pipes).
[[nodiscard]] std::string_view kind_of_open_file(std::string_view link);

/// The inode in "socket:[1234]"; nothing for other links.
[[nodiscard]] std::optional<std::uint64_t> parse_socket_link(std::string_view link);

/// The path with what varies from one file to the next as "*", without " (deleted)": runs of digits, hexadecimal runs
/// (of 4 and more with a digit, of 8 and more without), and names drawn at random, in which letters and digits change
/// at least twice: "/tmp/upload-123.part" and "/tmp/upload-77.part" → "/tmp/upload-*.part".
[[nodiscard]] std::string fold_path(std::string_view link);

/// Watches in the text of /proc/PID/fdinfo/N of an inotify.
[[nodiscard]] std::size_t count_inotify_watches(std::string_view text);

} // namespace squall::probes
