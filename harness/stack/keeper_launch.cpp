#include "stack/keeper_launch.hpp"

#include "stack/keeper.hpp"
#include "stack/spawn.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace squall::stack {

namespace {

/// In the forked child: only async-signal-safe calls up to exec, as other threads may have held any lock.
[[noreturn]] void become_keeper(char* const* argv, int log, int socket)
{
    const int null = ::open("/dev/null", O_RDONLY);
    ::dup2(null, STDIN_FILENO);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    if (argv[0] == nullptr) {
        ::_exit(keeper_main(socket));
    }
    ::fcntl(socket, F_SETFD, 0);
    reset_signals();
    ::execv(argv[0], argv);
    constexpr std::string_view problem = "cannot execute the keeper's program\n";
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, problem.data(), problem.size());
    ::_exit(127);
}

} // namespace

Result<KeeperProcess> launch_keeper(const std::vector<std::string>& command, const std::string& log)
{
    const int log_file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log_file < 0) {
        return fail("cannot open {}: {}", log, std::strerror(errno));
    }
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        ::close(log_file);
        return fail("cannot make a socket for the keeper: {}", std::strerror(errno));
    }
    std::vector<std::string> words = command;
    if (!words.empty()) {
        words.push_back(std::to_string(ends[1]));
    }
    std::vector<char*> argv;
    for (std::string& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    const pid_t pid = ::fork();
    if (pid == 0) {
        become_keeper(argv.data(), log_file, ends[1]);
    }
    const int fork_error = errno;
    ::close(log_file);
    ::close(ends[1]);
    if (pid < 0) {
        ::close(ends[0]);
        return fail("cannot start the keeper: {}", std::strerror(fork_error));
    }
    return KeeperProcess{pid, ends[0]};
}

} // namespace squall::stack
