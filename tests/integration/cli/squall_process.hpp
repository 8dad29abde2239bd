// The real squall, seen from outside: run in a folder of its own, its words and its end caught, what it leaves found.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace squall::cli::test {

using Arguments = std::vector<std::string>;
using Environment = std::map<std::string, std::string>;
using SteadyTime = std::chrono::steady_clock;

/// How a command ended. A signal's number is negative; `out_of_time` means that the test ended it.
struct Ended {
    int exit_code = -1;
    std::string out;
    std::string err;
    bool out_of_time = false;
};

/// A squall in the background, leader of a process group. It is killed with the object, and with the test.
class SquallProcess {
public:
    SquallProcess(const std::filesystem::path& folder, const Arguments& arguments, const Environment& environment,
                  const std::filesystem::path& captured);
    ~SquallProcess();
    SquallProcess(const SquallProcess&) = delete;
    SquallProcess& operator=(const SquallProcess&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] std::string out() const;
    [[nodiscard]] std::string err() const;
    /// To squall alone.
    void kill(int signal) const;
    /// To its whole group, as a terminal does for Ctrl-C.
    void interrupt() const;
    /// Waits until standard error holds the text; false when squall ended or the time is over.
    [[nodiscard]] bool says(std::string_view text, std::chrono::milliseconds within = std::chrono::seconds(120));
    /// Waits for the end; after the time the whole group is killed.
    Ended wait(std::chrono::milliseconds within = std::chrono::seconds(120));

private:
    bool reap();

    pid_t pid_ = -1;
    bool ended_ = false;
    int status_ = 0;
    std::filesystem::path captured_;
};

struct Process {
    pid_t pid = 0;
    std::string command;
};

/// A fresh folder to run squall in, removed at the end; any user may enter it. TMPDIR points into it, so that each test
/// has its own `squall up`.
class Workplace {
public:
    Workplace();
    ~Workplace();
    Workplace(const Workplace&) = delete;
    Workplace& operator=(const Workplace&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    void write(const std::string& name, std::string_view text) const;
    [[nodiscard]] std::string read(const std::string& name) const;

    [[nodiscard]] std::unique_ptr<SquallProcess> start(const Arguments& arguments, Environment environment = {});
    Ended squall(const Arguments& arguments, std::chrono::milliseconds within = std::chrono::seconds(120));

    /// Living processes whose command line, working folder or environment mentions the folder.
    [[nodiscard]] std::vector<Process> processes() const;
    /// What squall left: processes, data folders, files in TMPDIR, listeners on the ports that `err` names. Empty:
    /// nothing.
    [[nodiscard]] std::string remains(std::string_view err) const;

private:
    std::filesystem::path path_;
    int commands_ = 0;
};

/// Looks every 10 ms; false when it does not hold within the time.
bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds within);
bool accepts(int port);
/// The ports in "… on port 1234" and "127.0.0.1:1234".
std::vector<int> ports_named_in(std::string_view text);
/// Ports of loopback or of any address that somebody listens on.
std::vector<int> listening_ports();
std::vector<std::string> lines_of(std::string_view text);

} // namespace squall::cli::test
