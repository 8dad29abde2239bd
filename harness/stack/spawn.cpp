#include "stack/spawn.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace squall::stack {

namespace {

/// What the child tells over the pipe when it cannot become the program.
struct Failure {
    int number = 0;
    char step[60] = {};
};

[[noreturn]] void report(int pipe, const char* step)
{
    Failure failure;
    failure.number = errno;
    std::strncpy(failure.step, step, sizeof failure.step - 1);
    [[maybe_unused]] const ssize_t written = ::write(pipe, &failure, sizeof failure);
    ::_exit(127);
}

void open_streams(const SpawnRequest& request, int pipe)
{
    const int null = ::open("/dev/null", O_RDONLY);
    const int log = ::open(request.log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (log < 0) {
        report(pipe, "open its log file");
    }
    if (::dup2(null, STDIN_FILENO) < 0 || ::dup2(log, STDOUT_FILENO) < 0 || ::dup2(log, STDERR_FILENO) < 0) {
        report(pipe, "connect its log file");
    }
    ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
}

void set_limits()
{
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
        constexpr rlim_t enough = 65'536;
        files.rlim_cur = std::max(files.rlim_cur, std::min(files.rlim_max, enough));
        ::setrlimit(RLIMIT_NOFILE, &files);
    }
}

void drop_to(const UserIds& user, int pipe)
{
    if (::initgroups(user.name.c_str(), user.gid) != 0 || ::setgid(user.gid) != 0 || ::setuid(user.uid) != 0) {
        report(pipe, "become its unprivileged user");
    }
}

[[noreturn]] void become(const SpawnRequest& request, char* const* argv, char* const* environment, pid_t parent,
                         int pipe)
{
    ::setpgid(0, 0);
    open_streams(request, pipe);
    set_limits();
    if (request.user) {
        drop_to(*request.user, pipe);
    }
    if (::chdir(request.directory.c_str()) != 0) {
        report(pipe, "enter its working directory");
    }
    // After the change of user, which clears it; and the parent may have died before it was set.
    ::prctl(PR_SET_PDEATHSIG, request.death_signal);
    if (::getppid() != parent) {
        ::_exit(127);
    }
    reset_signals();
    ::execve(argv[0], argv, environment);
    report(pipe, "be executed");
}

/// Pointers as exec wants them, into strings that must outlive them.
std::vector<char*> pointers(std::vector<std::string>& strings)
{
    std::vector<char*> list;
    for (std::string& text : strings) {
        list.push_back(text.data());
    }
    list.push_back(nullptr);
    return list;
}

} // namespace

void reset_signals()
{
    struct sigaction action {};
    action.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; ++number) {
        ::sigaction(number, &action, nullptr); // refuses SIGKILL and SIGSTOP, which is well
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

Result<pid_t> spawn_process(const SpawnRequest& request)
{
    if (request.argv.empty()) {
        return fail("{}: no program given", request.name);
    }
    std::vector<std::string> arguments = request.argv;
    std::vector<std::string> environment = request.environment;
    const std::vector<char*> argv = pointers(arguments);
    const std::vector<char*> envp = pointers(environment);
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
        return fail("cannot start {}: {}", request.argv[0], std::strerror(errno));
    }
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child == 0) {
        become(request, argv.data(), envp.data(), parent, pipe[1]);
    }
    const int fork_error = errno;
    ::close(pipe[1]);
    if (child < 0) {
        ::close(pipe[0]);
        return fail("cannot start {}: {}", request.argv[0], std::strerror(fork_error));
    }
    // Here too, so that the group exists whichever process runs first.
    ::setpgid(child, child);
    Failure failure;
    ssize_t count = 0;
    do {
        count = ::read(pipe[0], &failure, sizeof failure);
    } while (count < 0 && errno == EINTR);
    ::close(pipe[0]);
    if (count != sizeof failure) {
        return child;
    }
    ::waitpid(child, nullptr, 0);
    return fail("{} could not {}: {}", request.argv[0], failure.step, std::strerror(failure.number));
}

} // namespace squall::stack
