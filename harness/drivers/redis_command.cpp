#include "drivers/redis_command.hpp"

#include <array>
#include <charconv>

namespace squall::drivers {
namespace {

void append_header(char type, std::size_t count, std::string& out)
{
    std::array<char, 24> line{};
    line.front() = type;
    auto* end = std::to_chars(line.data() + 1, line.data() + line.size() - 2, count).ptr;
    *end++ = '\r';
    *end++ = '\n';
    out.append(line.data(), end);
}

} // namespace

void append_command(std::span<const std::string_view> words, std::string& out)
{
    append_header('*', words.size(), out);
    for (const auto word : words) {
        append_header('$', word.size(), out);
        out.append(word).append("\r\n");
    }
}

} // namespace squall::drivers
