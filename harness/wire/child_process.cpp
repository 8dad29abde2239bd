#include "wire/child_process.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace squall::wire {
namespace {

/// What the child, which shares this memory until it is another program, tells when it cannot become that.
struct Told {
    volatile int number = 0;
    const char* volatile step = nullptr;
};

/// All that the child needs, made before: it may neither allocate nor lock.
struct Plan {
    char* const* argv;
    char* const* environment;
    const char* directory;
    int input;
    int output;
    int log;
    pid_t parent;
    Told* told;
};

[[noreturn]] void give_up(const Plan& plan, const char* step)
{
    plan.told->number = errno;
    plan.told->step = step;
    ::_exit(127);
}

/// Puts `from` at the place of `to`, also where it stands there already.
bool put(int from, int to)
{
    return from == to ? ::fcntl(from, F_SETFD, 0) == 0 : ::dup2(from, to) >= 0;
}

[[noreturn]] void become(const Plan& plan)
{
    ::setpgid(0, 0);
    // Above the three first, so that none is overwritten before it has been put in its place.
    const int input = ::fcntl(plan.input, F_DUPFD, STDERR_FILENO + 1);
    const int output = ::fcntl(plan.output, F_DUPFD, STDERR_FILENO + 1);
    const int log = plan.log < 0 ? ::open("/dev/null", O_WRONLY) : ::fcntl(plan.log, F_DUPFD, STDERR_FILENO + 1);
    if (input < 0 || output < 0 || log < 0 || !put(input, STDIN_FILENO) || !put(output, STDOUT_FILENO) ||
        !put(log, STDERR_FILENO)) {
        give_up(plan, "connect its streams");
    }
    ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    if (::chdir(plan.directory) != 0) {
        give_up(plan, "enter its working directory");
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != plan.parent) {
        ::_exit(127); // the parent has died before it was set
    }
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; ++number) {
        ::sigaction(number, &standard, nullptr); // refuses SIGKILL and SIGSTOP, which is well
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execve(plan.argv[0], plan.argv, plan.environment);
    give_up(plan, "be executed");
}

/// Pointers as exec wants them, into strings that must outlive them.
std::vector<char*> pointers(const std::vector<std::string>& strings)
{
    std::vector<char*> list;
    list.reserve(strings.size() + 1);
    for (const auto& text : strings) {
        list.push_back(const_cast<char*>(text.c_str())); // exec does not write
    }
    list.push_back(nullptr);
    return list;
}

/// No signal handler may run in the child, on memory that is the parent's.
class SignalsBlocked {
public:
    SignalsBlocked()
    {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

private:
    sigset_t before_{};
};

pid_t branch(const Plan& plan)
{
    const SignalsBlocked blocked;
    // Copying a generator of a gigabyte for each child would stop its thread. become() calls the system and nothing
    // else.
    const pid_t child = ::vfork(); // NOLINT
    if (child == 0) {
        become(plan); // NOLINT(clang-analyzer-unix.Vfork)
    }
    return child;
}

void close_at(int& descriptor)
{
    if (descriptor >= 0) {
        ::close(std::exchange(descriptor, -1));
    }
}

ChildFailure failed(const std::string& program, const char* step, int number)
{
    return {number, fmt::format("{} could not {}: {}", program, step, std::strerror(number))};
}

/// The child's ends of its stdin and stdout; closed here whatever happens.
struct Ends {
    int input = -1;
    int output = -1;
    ~Ends()
    {
        close_at(input);
        close_at(output);
    }
};

} // namespace

std::string ChildEnd::text() const
{
    return signal != 0 ? fmt::format("was killed by signal {} ({})", signal, ::strsignal(signal))
                       : fmt::format("exited with code {}", code);
}

ChildProcess::~ChildProcess()
{
    if (pid_ > 0) {
        signal(SIGKILL);
        (void)wait_for_end(0);
    }
    close_at(end_);
    close_at(input_);
    close_at(output_);
}

std::optional<ChildFailure> ChildProcess::start(const ChildRequest& request)
{
    const auto& program = request.argv.at(0);
    Ends ends;
    // A socket, so that writing to a child that is gone is an error and no SIGPIPE; a pipe, since programs expect one.
    std::array<int, 2> input{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, input.data()) != 0) {
        return failed(program, "be given a stdin", errno);
    }
    input_ = input[0];
    ends.input = input[1];
    std::array<int, 2> output{-1, -1};
    if (::pipe2(output.data(), O_CLOEXEC) != 0) {
        return failed(program, "be given a stdout", errno);
    }
    output_ = output[0];
    ends.output = output[1];
    ::fcntl(input_, F_SETFL, O_NONBLOCK);
    ::fcntl(output_, F_SETFL, O_NONBLOCK);

    const auto argv = pointers(request.argv);
    const auto environment = pointers(request.environment);
    Told told;
    pid_ = branch({argv.data(), environment.data(), request.directory.c_str(), ends.input, ends.output, request.log,
                   ::getpid(), &told});
    if (pid_ < 0) {
        return failed(program, "be started", errno);
    }
    if (told.step != nullptr) {
        ::waitpid(std::exchange(pid_, -1), nullptr, 0);
        return failed(program, told.step, told.number);
    }
    end_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)); // close-on-exec by itself
    if (end_ < 0) {
        const int number = errno;
        signal(SIGKILL);
        ::waitpid(std::exchange(pid_, -1), nullptr, 0);
        return failed(program, "be watched", number);
    }
    return std::nullopt;
}

ChildProcess::Done ChildProcess::write(std::string_view bytes, std::size_t& written)
{
    written = 0;
    const auto count = ::send(input_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count >= 0) {
        written = static_cast<std::size_t>(count);
        return Done::yes;
    }
    return errno == EAGAIN || errno == EWOULDBLOCK ? Done::would_block : Done::failed;
}

ChildProcess::Done ChildProcess::read(char* buffer, std::size_t size, std::size_t& got)
{
    got = 0;
    const auto count = ::read(output_, buffer, size);
    if (count >= 0) {
        got = static_cast<std::size_t>(count);
        return Done::yes;
    }
    return errno == EAGAIN || errno == EWOULDBLOCK ? Done::would_block : Done::failed;
}

void ChildProcess::close_input()
{
    close_at(input_);
}

void ChildProcess::signal(int number) const
{
    if (pid_ > 0 && ::kill(-pid_, number) != 0) {
        ::kill(pid_, number); // it leads its group no more
    }
}

std::optional<ChildEnd> ChildProcess::reap()
{
    return pid_ > 0 ? wait_for_end(WNOHANG) : std::nullopt;
}

std::optional<ChildEnd> ChildProcess::wait_for_end(int options)
{
    siginfo_t info{};
    // First without taking it away: while it is there, its number, and so its group's, is nobody else's.
    while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT | options) != 0 && errno == EINTR) {
    }
    if (info.si_pid != pid_) {
        return std::nullopt;
    }
    signal(SIGKILL);
    ::waitpid(std::exchange(pid_, -1), nullptr, 0);
    close_at(end_);
    const bool killed = info.si_code != CLD_EXITED;
    return ChildEnd{killed ? 0 : info.si_status, killed ? info.si_status : 0};
}

} // namespace squall::wire
