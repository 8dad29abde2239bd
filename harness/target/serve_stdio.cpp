#include "target/serve_stdio.hpp"

#include "target/defects/registry.hpp"
#include "target/mcp.hpp"

#include <fmt/format.h>

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>

namespace squall::target {
namespace {

constexpr std::size_t longest_line = std::size_t{4} * 1024 * 1024;

/// SIGTERM and SIGINT as something to wait for.
int signals_to_read()
{
    sigset_t ends;
    ::sigemptyset(&ends);
    ::sigaddset(&ends, SIGTERM);
    ::sigaddset(&ends, SIGINT);
    ::sigprocmask(SIG_BLOCK, &ends, nullptr);
    return ::signalfd(-1, &ends, SFD_CLOEXEC);
}

bool write_line(std::string line)
{
    line += '\n';
    std::string_view rest = line;
    while (!rest.empty()) {
        const auto count = ::write(STDOUT_FILENO, rest.data(), rest.size());
        if (count < 0 && errno != EINTR) {
            return false;
        }
        rest.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
    }
    return true;
}

class StdioService {
public:
    explicit StdioService(Notes& notes) : notes_(notes) {}

    int run(int signals)
    {
        while (!over_) {
            std::array<pollfd, 2> waited{{{STDIN_FILENO, POLLIN, 0}, {signals, POLLIN, 0}}};
            if (::poll(waited.data(), waited.size(), -1) < 0 && errno != EINTR) {
                return 1;
            }
            if (waited[1].revents != 0) {
                return 0;
            }
            if (waited[0].revents != 0 && !read()) {
                return code_;
            }
        }
        return code_;
    }

private:
    /// False at the end of what is asked.
    bool read()
    {
        std::array<char, 16384> buffer; // NOLINT(cppcoreguidelines-pro-type-member-init): written below
        const auto count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (count <= 0) {
            return count < 0 && errno == EINTR;
        }
        pending_.append(buffer.data(), static_cast<std::size_t>(count));
        for (auto end = pending_.find('\n'); end != std::string::npos && !over_; end = pending_.find('\n')) {
            const auto line = pending_.substr(0, end);
            pending_.erase(0, end + 1);
            answer(line);
        }
        if (pending_.size() > longest_line) {
            fmt::print(stderr, "squall-target: a message of more than 4 MiB\n");
            code_ = 1;
            return false;
        }
        return !over_;
    }

    void answer(const std::string& line)
    {
        if (line.find_first_not_of(" \t\r") == std::string::npos) {
            return;
        }
        auto answer = answer_mcp(line, notes_);
        over_ = answer.over;
        if (answer.message && !write_line(std::move(*answer.message))) {
            over_ = true;
            code_ = 1;
        }
    }

    Notes& notes_;
    std::string pending_;
    bool over_ = false;
    int code_ = 0;
};

} // namespace

int serve_stdio(const Options& options)
{
    NotesSeams seams;
    install_defects(options.defects, seams);
    const int signals = signals_to_read();
    ::signal(SIGPIPE, SIG_IGN);
    const auto notes = Notes::open(options.notes, seams);
    if (!notes) {
        fmt::print(stderr, "squall-target: {}\n", notes.error().message);
        return 1;
    }
    fmt::print(stderr, "squall-target: speaks MCP over stdio; notes in {}\n", options.notes);
    return StdioService(**notes).run(signals);
}

} // namespace squall::target
