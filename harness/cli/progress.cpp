#include "cli/progress.hpp"

#include "base/quantity.hpp"
#include "base/text.hpp"
#include "cli/terminal.hpp"

#include <fmt/format.h>

#include <cmath>

namespace squall::cli {
namespace {

constexpr long long seconds_between_lines = 5;

std::string whole_seconds(Duration duration)
{
    return fmt::format("{}s", std::llround(to_seconds(duration)));
}

/// "load", of several cycles "load 2/6".
std::string phase_text(const engine::LiveStatus& status)
{
    const auto phase = measure::to_string(status.phase);
    const bool in_cycle = status.phase != measure::Phase::primer && status.phase != measure::Phase::settle;
    return status.cycles > 1 && in_cycle ? fmt::format("{} {}/{}", phase, status.cycle, status.cycles)
                                         : std::string(phase);
}

} // namespace

std::string progress_line(const engine::LiveStatus& status)
{
    const int width = status.cycles > 1 ? 11 : 8;
    std::string line = fmt::format("{:<{}} {:>4}/{}", phase_text(status), width, whole_seconds(status.elapsed),
                                   whole_seconds(status.planned));
    line += fmt::format("  {:>7}/s  {} in flight  {} users", format_thousands(static_cast<long long>(status.requests)),
                        status.in_flight, status.users);
    if (status.p50 && status.p99) {
        line += fmt::format("  p50 {}  p99 {}", format_duration(*status.p50), format_duration(*status.p99));
    }
    line += fmt::format("  {} errors", format_thousands(static_cast<long long>(status.errors_so_far)));
    if (status.dropped > 0) {
        line += fmt::format("  {} dropped", status.dropped);
    }
    if (status.connections) {
        line += fmt::format("  {:.0f} connections", *status.connections);
    }
    return line;
}

Progress::Progress(std::FILE* stream) : stream_(stream), in_place_(is_terminal(stream)) {}

Progress::~Progress()
{
    wipe();
}

void Progress::wipe()
{
    if (line_shown_) {
        std::fputs("\r\033[K", stream_);
        std::fflush(stream_);
        line_shown_ = false;
    }
}

void Progress::show(const engine::LiveStatus& status)
{
    const auto line = progress_line(status);
    if (in_place_) {
        const auto width = static_cast<std::size_t>(terminal_width(stream_));
        fmt::print(stream_, "\r{}\033[K", std::string_view(line).substr(0, width - 1));
        std::fflush(stream_);
        line_shown_ = true;
        return;
    }
    const long long second = std::llround(to_seconds(status.elapsed));
    if (shown_seconds_ < 0 || second >= shown_seconds_ + seconds_between_lines) {
        shown_seconds_ = second;
        fmt::print(stream_, "{}\n", line);
        std::fflush(stream_);
    }
}

void Progress::note(std::string_view text)
{
    wipe();
    fmt::print(stream_, "{}\n", text);
    std::fflush(stream_);
}

} // namespace squall::cli
