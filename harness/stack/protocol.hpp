// What harness and keeper say to each other: one JSON object a line, each way. Pure.
#pragma once

#include "base/result.hpp"

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace squall::stack {

/// Whom a server runs as.
struct UserIds {
    std::string name;
    uid_t uid = 0;
    gid_t gid = 0;
};

/// One process to start. Names are unique within a keeper's life.
struct SpawnRequest {
    std::string name;
    std::vector<std::string> argv;        // argv[0] is the program's absolute path
    std::vector<std::string> environment; // "NAME=value", nothing else is inherited
    std::string directory;
    std::optional<UserIds> user;           // dropped to when given
    std::string log;                       // standard output and error are appended here
    int stop_signal = SIGTERM;             // asks it to end in good order
    int hurry_signal = SIGTERM;            // asks it to end when the harness died
    int death_signal = SIGKILL;            // from the kernel when the keeper dies
    std::chrono::milliseconds grace{3000}; // from stop_signal to SIGKILL
};

struct RemoveAtEnd {
    std::string folder;
};
struct StopAll {};
struct Detach {};
using Request = std::variant<SpawnRequest, RemoveAtEnd, StopAll, Detach>;

/// The keeper is up.
struct Hello {};
struct Spawned {
    std::string name;
    pid_t pid = 0;
    std::string error; // not empty: nothing was started
};
struct Ended {
    std::string name;
    pid_t pid = 0;
    int code = 0;   // meaningful when signal is 0
    int signal = 0; // not 0: killed by it
};
struct Detached {};
using Notice = std::variant<Hello, Spawned, Ended, Detached>;

/// Without the newline.
[[nodiscard]] std::string encode(const Request& request);
[[nodiscard]] std::string encode(const Notice& notice);
[[nodiscard]] Result<Request> parse_request(std::string_view line);
[[nodiscard]] Result<Notice> parse_notice(std::string_view line);

/// "exited with code 1", "was killed by signal 9 (Killed)".
[[nodiscard]] std::string describe(const Ended& ended);

/// Cuts a byte stream into lines.
class LineBuffer {
public:
    /// The lines that are complete now, without their newlines.
    [[nodiscard]] std::vector<std::string> feed(std::string_view bytes);

private:
    std::string partial_;
};

} // namespace squall::stack
