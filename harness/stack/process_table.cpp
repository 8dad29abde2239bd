#include "stack/process_table.hpp"

#include "base/text.hpp"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace squall::stack {

namespace {

namespace fs = std::filesystem;

std::string read_text(const fs::path& path)
{
    const std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

template <typename Number>
std::optional<Number> number_of(std::string_view text, int base = 10)
{
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

std::vector<std::string> words_of(std::string_view line)
{
    std::istringstream stream{std::string(line)};
    std::vector<std::string> words;
    for (std::string word; stream >> word;) {
        words.push_back(word);
    }
    return words;
}

bool holds_socket(pid_t pid, const std::string& link)
{
    std::error_code error;
    for (fs::directory_iterator entry(fs::path("/proc") / std::to_string(pid) / "fd", error), end;
         !error && entry != end; entry.increment(error)) {
        std::error_code unreadable;
        if (fs::read_symlink(entry->path(), unreadable).string() == link) {
            return true;
        }
    }
    return false;
}

} // namespace

std::optional<ProcessStat> parse_process_stat(std::string_view text)
{
    // The name may hold spaces and parentheses: it ends at the last one.
    const std::size_t open = text.find('(');
    const std::size_t close = text.rfind(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
        return std::nullopt;
    }
    const auto pid = number_of<pid_t>(trim(text.substr(0, open)));
    const std::vector<std::string> fields = words_of(text.substr(close + 1)); // from field 3 on
    if (!pid || fields.size() < 20) {
        return std::nullopt;
    }
    const auto parent = number_of<pid_t>(fields[1]);
    const auto group = number_of<pid_t>(fields[2]);
    const auto session = number_of<pid_t>(fields[3]);
    const auto start = number_of<std::uint64_t>(fields[19]);
    if (!parent || !group || !session || !start) {
        return std::nullopt;
    }
    return ProcessStat{
        *pid, std::string(text.substr(open + 1, close - open - 1)), fields[0][0], *parent, *group, *session, *start};
}

std::optional<ProcessStat> process_stat(pid_t pid)
{
    return parse_process_stat(read_text(fs::path("/proc") / std::to_string(pid) / "stat"));
}

std::vector<ProcessStat> all_processes()
{
    std::vector<ProcessStat> processes;
    std::error_code error;
    for (fs::directory_iterator entry("/proc", error), end; !error && entry != end; entry.increment(error)) {
        const auto pid = number_of<pid_t>(entry->path().filename().string());
        if (!pid) {
            continue;
        }
        if (auto stat = process_stat(*pid)) {
            processes.push_back(std::move(*stat));
        }
    }
    return processes;
}

std::vector<ProcessStat> processes_of_session(pid_t session)
{
    std::vector<ProcessStat> members = all_processes();
    std::erase_if(members, [session](const ProcessStat& stat) { return stat.session != session || stat.is_dead(); });
    return members;
}

std::string boot_id()
{
    return std::string(trim(read_text("/proc/sys/kernel/random/boot_id")));
}

std::optional<std::uint64_t> listening_inode(std::string_view table, int port)
{
    for (const std::string& line : split(table, '\n')) {
        // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode; state 0A is LISTEN
        const std::vector<std::string> fields = words_of(line);
        if (fields.size() < 10 || fields[3] != "0A") {
            continue;
        }
        const std::size_t colon = fields[1].rfind(':');
        if (colon != std::string::npos && number_of<int>(std::string_view(fields[1]).substr(colon + 1), 16) == port) {
            return number_of<std::uint64_t>(fields[9]);
        }
    }
    return std::nullopt;
}

std::optional<ProcessStat> listener_on(int port)
{
    auto inode = listening_inode(read_text("/proc/net/tcp"), port);
    if (!inode) {
        inode = listening_inode(read_text("/proc/net/tcp6"), port);
    }
    if (!inode) {
        return std::nullopt;
    }
    const std::string link = fmt::format("socket:[{}]", *inode);
    for (ProcessStat& process : all_processes()) {
        if (holds_socket(process.pid, link)) {
            return std::move(process);
        }
    }
    return std::nullopt;
}

} // namespace squall::stack
