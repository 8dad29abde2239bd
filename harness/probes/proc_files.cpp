#include "probes/proc_files.hpp"

#include "base/text.hpp"
#include "probes/number_text.hpp"
#include "probes/small_file.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace squall::probes {
namespace {

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

std::optional<std::uint64_t> parse_anonymous_bytes(std::string_view statm, std::uint64_t page)
{
    const auto fields = words(statm);
    const auto resident = fields.size() > 2 ? to_number<std::uint64_t>(fields[1]) : std::nullopt;
    const auto of_files = fields.size() > 2 ? to_number<std::uint64_t>(fields[2]) : std::nullopt;
    if (!resident || !of_files) {
        return std::nullopt;
    }
    // The kernel adds up its counters one after the other: the parts may for a moment be more than the whole.
    return (*resident - std::min(*resident, *of_files)) * page;
}

std::optional<SmapsRollup> parse_smaps_rollup(std::string_view text)
{
    SmapsRollup rollup;
    std::uint64_t private_clean = 0;
    std::uint64_t private_huge = 0;
    const std::array<std::pair<std::string_view, std::uint64_t*>, 5> wanted{{{"Pss:", &rollup.pss},
                                                                             {"Private_Clean:", &private_clean},
                                                                             {"Private_Dirty:", &rollup.private_dirty},
                                                                             {"Private_Hugetlb:", &private_huge},
                                                                             {"Swap:", &rollup.swap}}};
    std::size_t found = 0;
    for (const auto& line : split(text, '\n')) {
        const auto fields = words(line);
        for (const auto& [key, value] : wanted) {
            const auto kibibytes =
                fields.size() >= 2 && fields[0] == key ? to_number<std::uint64_t>(fields[1]) : std::nullopt;
            if (kibibytes) {
                *value = *kibibytes * 1024;
                ++found;
            }
        }
    }
    rollup.uss = private_clean + rollup.private_dirty + private_huge;
    return found == wanted.size() ? std::optional(rollup) : std::nullopt;
}

std::vector<KernelLock> parse_locks(std::string_view text)
{
    std::vector<KernelLock> locks;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        // "1: POSIX  ADVISORY  WRITE 708 08:01:1234 0 EOF"; one that waits for it follows as "1: -> POSIX …", where a
        // word stands in the place of the number.
        const auto fields = words(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto pid = fields.size() >= 5 ? to_number<pid_t>(fields[4]) : std::nullopt;
        if (pid) {
            locks.push_back({fields[1], *pid});
        }
    }
    return locks;
}

std::optional<std::string> read_proc_file(pid_t pid, const char* name)
{
    return read_small_file(fmt::format("/proc/{}/{}", pid, name).c_str());
}

} // namespace squall::probes
