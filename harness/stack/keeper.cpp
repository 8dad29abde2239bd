#include "stack/keeper.hpp"

#include "stack/children.hpp"
#include "stack/spawn.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string>

namespace squall::stack {

namespace {

/// How long a killed descendant may take to vanish before its data is removed under it.
constexpr Duration vanish_time = std::chrono::seconds(1);

class Keeper {
public:
    Keeper(int socket, int signals) : socket_(socket), signals_(signals) {}

    int run()
    {
        tell(Hello{});
        while (!(stopping_ && !children_.any_alive())) {
            wait_for_event();
            children_.tick(clock_.now());
        }
        kill_the_rest();
        remove_folders();
        return 0;
    }

private:
    void wait_for_event()
    {
        // A negative descriptor is skipped by poll: a detached keeper has no socket.
        std::array<pollfd, 2> events{{{socket_, POLLIN, 0}, {signals_, POLLIN, 0}}};
        if (::poll(events.data(), events.size(), timeout()) < 0) {
            return; // EINTR: nothing is lost, both are level-triggered
        }
        if (events[1].revents != 0) {
            take_signals();
        }
        if (events[0].revents != 0) {
            take_requests();
        }
    }

    [[nodiscard]] int timeout() const
    {
        const auto deadline = children_.next_deadline();
        if (!deadline) {
            return -1;
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - clock_.now()).count();
        return left < 0 ? 0 : static_cast<int>(left);
    }

    void take_signals()
    {
        signalfd_siginfo info{};
        while (::read(signals_, &info, sizeof info) == sizeof info) {
            if (info.ssi_signo == SIGTERM) {
                begin_stop();
            }
        }
        for (const Ended& ended : children_.reap()) {
            std::fprintf(stderr, "%s (pid %d) %s\n", ended.name.c_str(), static_cast<int>(ended.pid),
                         describe(ended).c_str());
            tell(ended);
        }
    }

    void take_requests()
    {
        std::array<char, 16'384> bytes{};
        const ssize_t count = ::read(socket_, bytes.data(), bytes.size());
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) {
            return;
        }
        if (count <= 0) {
            harness_gone();
            return;
        }
        for (const std::string& line : lines_.feed({bytes.data(), static_cast<std::size_t>(count)})) {
            auto request = parse_request(line);
            if (!request) {
                std::fprintf(stderr, "%s\n", request.error().message.c_str());
                continue;
            }
            std::visit([this](const auto& each) { act(each); }, *request);
        }
    }

    void act(const SpawnRequest& request)
    {
        Spawned answer{request.name, 0, ""};
        if (stopping_) {
            answer.error = "the stack is being stopped";
        } else if (const auto pid = children_.start(request)) {
            answer.pid = *pid;
            std::fprintf(stderr, "started %s (pid %d)\n", request.name.c_str(), static_cast<int>(*pid));
        } else {
            answer.error = pid.error().message;
        }
        tell(answer);
    }

    void act(const RemoveAtEnd& remove) { folders_.push_back(remove.folder); }
    void act(const StopAll&) { begin_stop(); }

    void act(const Detach&)
    {
        detached_ = true;
        std::fprintf(stderr, "detached: kill -TERM %d stops the stack\n", static_cast<int>(::getpid()));
        tell(Detached{});
    }

    void begin_stop()
    {
        stopping_ = true;
        children_.stop_in_order();
    }

    void harness_gone()
    {
        ::close(socket_);
        socket_ = -1;
        if (!detached_) {
            std::fprintf(stderr, "the harness is gone: stopping everything\n");
            stopping_ = true;
            children_.hurry(clock_.now());
        }
    }

    void tell(const Notice& notice) const
    {
        const std::string line = encode(notice) + "\n";
        if (socket_ >= 0) {
            // A harness that does not read is stopped or dead; neither may stop the keeper.
            [[maybe_unused]] const ssize_t sent =
                ::send(socket_, line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        }
    }

    /// Descendants that left their group; each generation becomes ours when its parent dies.
    void kill_the_rest()
    {
        const Instant until = clock_.now() + vanish_time;
        while (clock_.now() < until) {
            Children::kill_descendants();
            const std::vector<Ended> nobody = children_.reap();
            if (::waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD) {
                return;
            }
            ::poll(nullptr, 0, 5);
        }
        std::fprintf(stderr, "some descendants did not end\n");
    }

    void remove_folders() const
    {
        for (const std::string& folder : folders_) {
            std::error_code error;
            std::filesystem::remove_all(folder, error);
            if (error) {
                std::fprintf(stderr, "could not remove %s: %s\n", folder.c_str(), error.message().c_str());
            }
        }
    }

    int socket_;
    int signals_;
    SteadyClock clock_;
    LineBuffer lines_;
    Children children_;
    std::vector<std::string> folders_;
    bool stopping_ = false;
    bool detached_ = false;
};

/// The socket becomes descriptor 3 and everything above it is closed: an inherited end of the harness's socket would
/// hide its death.
void keep_only(int socket)
{
    constexpr int own = STDERR_FILENO + 1;
    if (socket != own) {
        ::dup2(socket, own);
    }
    ::fcntl(own, F_SETFD, FD_CLOEXEC);
    ::close_range(own + 1, ~0U, 0);
}

int open_signals()
{
    reset_signals();
    for (const int ignored : {SIGINT, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU}) {
        ::signal(ignored, SIG_IGN);
    }
    sigset_t handled;
    ::sigemptyset(&handled);
    ::sigaddset(&handled, SIGCHLD);
    ::sigaddset(&handled, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &handled, nullptr);
    return ::signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK);
}

} // namespace

int keeper_main(int socket)
{
    ::setsid();
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    ::prctl(PR_SET_NAME, "squall-keeper");
    keep_only(socket);
    const int signals = open_signals();
    if (signals < 0 || ::chdir("/") != 0) {
        std::perror("squall keeper");
        return 2;
    }
    return Keeper(STDERR_FILENO + 1, signals).run();
}

} // namespace squall::stack
