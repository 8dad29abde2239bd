#include "stack/log_tail.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace squall::stack {

namespace {

constexpr std::size_t shown_lines = 8;
constexpr std::streamoff read_at_most = 16'384;

std::string end_of_file(const std::string& path)
{
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    const std::streamoff size = file ? static_cast<std::streamoff>(file.tellg()) : 0;
    file.seekg(std::max<std::streamoff>(0, size - read_at_most));
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

} // namespace

std::vector<std::string> last_lines(std::string_view text, std::size_t count)
{
    std::vector<std::string> lines = split(text, '\n');
    std::erase_if(lines, [](const std::string& line) { return trim(line).empty(); });
    if (lines.size() > count) {
        lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(count));
    }
    for (std::string& line : lines) {
        line = redact(line);
    }
    return lines;
}

std::string describe_log_end(const std::string& path)
{
    const std::vector<std::string> lines = last_lines(end_of_file(path), shown_lines);
    if (lines.empty()) {
        return fmt::format("its log {} is empty", path);
    }
    return fmt::format("its log {} ends:\n    {}", path, join(lines, "\n    "));
}

} // namespace squall::stack
