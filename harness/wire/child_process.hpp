// One child process that is spoken to over its stdin and stdout. No coroutines here: descriptors and system calls.
#pragma once

#include "base/result.hpp"

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall::wire {

struct ChildRequest {
    std::vector<std::string> argv;        // argv[0] is the program's path
    std::vector<std::string> environment; // "NAME=value", nothing else is inherited
    std::string directory;
    int log = -1; // becomes its stderr; -1: none
};

/// "exited with code 1", "was killed by signal 9 (Killed)".
struct ChildEnd {
    int code = 0;   // meaningful when signal is 0
    int signal = 0; // not 0: killed by it

    [[nodiscard]] std::string text() const;
};

/// What could not be done, and the system's number for it.
struct ChildFailure {
    int number = 0;
    std::string text;
};

/// Owns the process: leads its own process group, so that Ctrl-C reaches its owner alone; gets SIGKILL from the kernel
/// when the thread that started it ends, as it does when this process dies, whatever the way; holds no descriptor but
/// its three. May be started from any thread of a process with many: the parent is not copied (vfork(2)), and nobody
/// waits for SIGCHLD: its end is told by a descriptor (pidfd_open(2)).
///
/// Destruction kills the group of one that still runs and waits for its end.
class ChildProcess {
public:
    ChildProcess() = default;
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    /// Returns when the program has been executed, or could not be.
    [[nodiscard]] std::optional<ChildFailure> start(const ChildRequest& request);

    [[nodiscard]] pid_t pid() const { return pid_; }
    /// Readable when the process has ended; -1 before start() and after reap() has told the end.
    [[nodiscard]] int end_descriptor() const { return end_; }
    /// Its stdout; non-blocking.
    [[nodiscard]] int output_descriptor() const { return output_; }
    /// Its stdin; non-blocking; -1 once it is closed.
    [[nodiscard]] int input_descriptor() const { return input_; }

    enum class Done { yes, would_block, failed };
    Done write(std::string_view bytes, std::size_t& written);
    /// `got` 0: nobody holds its stdout any more.
    Done read(char* buffer, std::size_t size, std::size_t& got);

    void close_input();
    /// To the whole group; nothing once the end has been told.
    void signal(int number) const;
    /// Nothing while it runs; its end once, after what it left behind in its group has been killed.
    [[nodiscard]] std::optional<ChildEnd> reap();

private:
    [[nodiscard]] std::optional<ChildEnd> wait_for_end(int options);

    pid_t pid_ = -1; // -1: none, or reaped
    int end_ = -1;
    int input_ = -1;
    int output_ = -1;
};

} // namespace squall::wire
