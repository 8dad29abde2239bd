#include "drivers/stderr_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <exception>
#include <string_view>
#include <utility>

namespace squall::drivers {
namespace {

constexpr std::size_t piece = 16U * 1024U;
constexpr int pieces_in_a_row = 8;
constexpr int most_last_pieces = 64; // a pipe holds four
constexpr std::string_view note = "\n[squall: more was said, and not kept]\n";

void write_all(int file, std::string_view text)
{
    while (!text.empty()) {
        const auto count = ::write(file, text.data(), text.size());
        if (count <= 0) {
            return; // a full disk must not end a run
        }
        text.remove_prefix(static_cast<std::size_t>(count));
    }
}

} // namespace

struct StderrLog::State {
    State(wire::ThreadEvents& thread_events, std::size_t& bytes_left)
        : events(thread_events),
          watch(thread_events.readiness),
          left(bytes_left)
    {}
    ~State()
    {
        watch.forget();
        for (const int descriptor : {ours, theirs, file}) {
            if (descriptor >= 0) {
                ::close(descriptor);
            }
        }
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    bool open(const std::string& path)
    {
        std::array<int, 2> pipe{-1, -1};
        if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
            return false;
        }
        ours = pipe[0];
        theirs = pipe[1];
        ::fcntl(ours, F_SETFL, O_NONBLOCK);
        file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        return file >= 0 && !watch.follow(ours);
    }

    /// Writes down what is there; false when there was nothing.
    bool take()
    {
        std::array<char, piece> buffer; // NOLINT(cppcoreguidelines-pro-type-member-init): written below
        const auto count = ::read(ours, buffer.data(), buffer.size());
        if (count <= 0) {
            return false;
        }
        const auto kept = std::min(left, static_cast<std::size_t>(count));
        write_all(file, {buffer.data(), kept});
        if (left > 0 && kept < static_cast<std::size_t>(count)) {
            write_all(file, note);
        }
        left -= kept;
        return true;
    }

    wire::ThreadEvents& events;
    wire::Watch watch;
    std::size_t& left;
    int ours = -1;
    int theirs = -1;
    int file = -1;
    bool closed = false;
};

StderrLog::StderrLog(wire::ThreadEvents& events, std::string path, std::size_t limit)
    : events_(events),
      path_(std::move(path)),
      left_(limit)
{}

StderrLog::~StderrLog()
{
    close();
}

int StderrLog::descriptor()
{
    if (!state_) {
        auto state = std::make_shared<State>(events_, left_);
        if (!state->open(path_)) {
            return -1;
        }
        state_ = state;
        wire::start(copy(std::move(state)), [](std::exception_ptr) {});
    }
    return state_->theirs;
}

void StderrLog::close()
{
    if (const auto state = std::exchange(state_, nullptr)) {
        for (int taken = 0; taken < most_last_pieces && state->take(); ++taken) {
        }
        state->closed = true;
        state->watch.forget(); // the flow goes on, and ends
    }
}

wire::Flow<> StderrLog::copy(std::shared_ptr<State> state)
{
    for (int in_a_row = 0; !state->closed; ++in_a_row) {
        if (in_a_row == pieces_in_a_row) {
            in_a_row = 0;
            co_await state->events.wakes.turn();
            continue;
        }
        state->watch.reading();
        if (!state->take()) {
            in_a_row = 0;
            const error_code aborted = co_await state->watch.readable();
            if (aborted) {
                co_return;
            }
        }
    }
}

} // namespace squall::drivers
