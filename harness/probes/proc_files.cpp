#include "probes/proc_files.hpp"

#include "base/text.hpp"
#include "probes/number_text.hpp"
#include "probes/small_file.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <filesystem>

namespace squall::probes {
namespace {

namespace files = std::filesystem;

std::vector<std::string_view> words(std::string_view text)
{
    std::vector<std::string_view> found;
    constexpr std::string_view blanks = " \t\n";
    for (auto at = text.find_first_not_of(blanks); at != std::string_view::npos;) {
        const auto end = text.find_first_of(blanks, at);
        found.push_back(text.substr(at, end - at));
        at = end == std::string_view::npos ? end : text.find_first_not_of(blanks, end);
    }
    return found;
}

} // namespace

std::optional<ProcStat> parse_proc_stat(std::string_view text, double ticks, std::uint64_t page)
{
    const auto bracket = text.rfind(')');
    if (bracket == std::string_view::npos || text.find('(') > bracket) {
        return std::nullopt;
    }
    // Field 3 of proc(5), the state, is fields[0] here.
    const auto fields = words(text.substr(bracket + 1));
    if (fields.size() < 22) {
        return std::nullopt;
    }
    const auto number = [&fields](std::size_t field) {
        return field - 3 < fields.size() ? to_number<std::uint64_t>(fields[field - 3]).value_or(0) : 0;
    };
    ProcStat stat;
    stat.state = fields[0][0];
    stat.parent = to_number<pid_t>(fields[1]).value_or(0);
    stat.cpu_seconds = static_cast<double>(number(14) + number(15) + number(16) + number(17)) / ticks;
    stat.threads = number(20);
    stat.start_ticks = number(22);
    stat.vms_bytes = number(23);
    stat.rss_bytes = number(24) * page;
    stat.code_begin = number(26);
    stat.stack_begin = number(28);
    const auto opening = text.find('(');
    stat.command = std::string(text.substr(opening + 1, bracket - opening - 1));
    return stat;
}

std::optional<ProcStat> read_proc_stat(pid_t pid)
{
    const auto text = read_proc_file(pid, "stat");
    if (!text) {
        return std::nullopt;
    }
    return parse_proc_stat(*text, static_cast<double>(sysconf(_SC_CLK_TCK)),
                           static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)));
}

std::optional<std::uint64_t> parse_pss(std::string_view text)
{
    for (const auto& line : split(text, '\n')) {
        const auto fields = words(line);
        if (fields.size() >= 2 && fields[0] == "Pss:") {
            const auto kibibytes = to_number<std::uint64_t>(fields[1]);
            return kibibytes ? std::optional(*kibibytes * 1024) : std::nullopt;
        }
    }
    return std::nullopt;
}

std::optional<std::uint64_t> parse_socket_link(std::string_view text)
{
    constexpr std::string_view start = "socket:[";
    if (!text.starts_with(start) || !text.ends_with(']')) {
        return std::nullopt;
    }
    return to_number<std::uint64_t>(text.substr(start.size(), text.size() - start.size() - 1));
}

std::optional<std::string> read_proc_file(pid_t pid, const char* name)
{
    return read_small_file(fmt::format("/proc/{}/{}", pid, name).c_str());
}

std::optional<std::size_t> count_open_files(pid_t pid)
{
    std::error_code error;
    std::size_t count = 0;
    for (files::directory_iterator entry(fmt::format("/proc/{}/fd", pid), error), end; !error && entry != end;
         entry.increment(error)) {
        ++count;
    }
    return error ? std::nullopt : std::optional(count);
}

std::vector<std::uint64_t> socket_inodes(pid_t pid)
{
    std::vector<std::uint64_t> inodes;
    std::error_code error;
    for (files::directory_iterator entry(fmt::format("/proc/{}/fd", pid), error), end; !error && entry != end;
         entry.increment(error)) {
        std::error_code gone; // closed between listing and looking
        const auto inode = parse_socket_link(files::read_symlink(entry->path(), gone).native());
        if (inode) {
            inodes.push_back(*inode);
        }
    }
    return inodes;
}

} // namespace squall::probes
