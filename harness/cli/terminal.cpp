#include "cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace squall::cli {

bool is_terminal(std::FILE* stream)
{
    return isatty(fileno(stream)) == 1;
}

bool wants_color(std::FILE* stream)
{
    const char* refused = std::getenv("NO_COLOR");
    return is_terminal(stream) && (refused == nullptr || *refused == '\0');
}

int terminal_width(std::FILE* stream)
{
    constexpr int without_terminal = 100;
    winsize size{};
    if (ioctl(fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
        return without_terminal;
    }
    return size.ws_col;
}

} // namespace squall::cli
