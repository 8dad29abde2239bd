#include "probes/proc_files.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace squall::probes {
namespace {

namespace files = std::filesystem;

template <typename Number>
std::optional<Number> to_number(std::string_view text, int base = 10)
{
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

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

/// "0100007F:1538": the address in words of host byte order, the port as a number.
std::optional<std::pair<std::string, std::uint16_t>> parse_address(std::string_view text)
{
    const auto colon = text.find(':');
    const bool four = colon == 8;
    if (!four && colon != 32) {
        return std::nullopt;
    }
    const auto port = to_number<std::uint16_t>(text.substr(colon + 1), 16);
    std::array<std::uint32_t, 4> address{};
    for (std::size_t index = 0; index < colon / 8; ++index) {
        const auto word = to_number<std::uint32_t>(text.substr(index * 8, 8), 16);
        if (!word) {
            return std::nullopt;
        }
        address[index] = *word;
    }
    std::array<char, INET6_ADDRSTRLEN> shown{};
    inet_ntop(four ? AF_INET : AF_INET6, address.data(), shown.data(), shown.size());
    std::string_view host = shown.data();
    if (host.starts_with("::ffff:")) { // an IPv4 peer of a socket that takes both
        host.remove_prefix(7);
    }
    const bool brackets = host.find(':') != std::string_view::npos;
    if (!port) {
        return std::nullopt;
    }
    return std::pair(brackets ? fmt::format("[{}]:{}", host, *port) : fmt::format("{}:{}", host, *port), *port);
}

TcpSocket::State tcp_state(std::string_view code)
{
    if (code == "01") {
        return TcpSocket::State::established;
    }
    if (code == "08") {
        return TcpSocket::State::close_wait;
    }
    return code == "0A" ? TcpSocket::State::listening : TcpSocket::State::other;
}

/// Every process's children, from one walk over /proc.
std::multimap<pid_t, pid_t> children_by_parent()
{
    std::multimap<pid_t, pid_t> children;
    std::error_code error;
    for (files::directory_iterator entry("/proc", error), end; !error && entry != end; entry.increment(error)) {
        const auto pid = to_number<pid_t>(entry->path().filename().native());
        const auto stat = pid ? read_proc_stat(*pid) : std::nullopt;
        if (stat) {
            children.emplace(stat->parent, *pid);
        }
    }
    return children;
}

/// As the kernel lists them for every thread; nothing on a kernel that does not.
std::optional<std::vector<pid_t>> listed_children(pid_t pid)
{
    std::vector<pid_t> children;
    std::error_code error;
    const auto threads = fmt::format("/proc/{}/task", pid);
    for (files::directory_iterator thread(threads, error), end; !error && thread != end; thread.increment(error)) {
        std::ifstream list(thread->path() / "children");
        if (!list && files::exists(thread->path(), error)) {
            return std::nullopt;
        }
        for (pid_t child = 0; list >> child;) {
            children.push_back(child);
        }
    }
    return children;
}

} // namespace

std::optional<ProcStat> parse_proc_stat(std::string_view text, double ticks, std::uint64_t page)
{
    const auto bracket = text.rfind(')');
    if (bracket == std::string_view::npos) {
        return std::nullopt;
    }
    // Field 3 of proc(5), the state, is fields[0] here.
    const auto fields = words(text.substr(bracket + 1));
    if (fields.size() < 22) {
        return std::nullopt;
    }
    const auto number = [&fields](std::size_t field) {
        return to_number<std::uint64_t>(fields[field - 3]).value_or(0);
    };
    ProcStat stat;
    stat.state = fields[0][0];
    stat.parent = to_number<pid_t>(fields[1]).value_or(0);
    stat.cpu_seconds = static_cast<double>(number(14) + number(15) + number(16) + number(17)) / ticks;
    stat.threads = number(20);
    stat.start_ticks = number(22);
    stat.vms_bytes = number(23);
    stat.rss_bytes = number(24) * page;
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

std::vector<TcpSocket> parse_tcp_sockets(std::string_view text)
{
    std::vector<TcpSocket> sockets;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto fields = words(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (fields.size() < 10) {
            continue;
        }
        const auto local = parse_address(fields[1]);
        const auto peer = parse_address(fields[2]);
        const auto inode = to_number<std::uint64_t>(fields[9]);
        if (local && peer && inode) {
            sockets.push_back({peer->first, local->second, *inode, tcp_state(fields[3])});
        }
    }
    return sockets;
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
    std::ifstream file(fmt::format("/proc/{}/{}", pid, name), std::ios::binary);
    std::ostringstream text;
    if (!file || !(text << file.rdbuf())) {
        return std::nullopt;
    }
    return std::move(text).str();
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

std::vector<pid_t> process_tree(pid_t root)
{
    std::vector<pid_t> tree{root};
    std::optional<std::multimap<pid_t, pid_t>> walked;
    for (std::size_t index = 0; index < tree.size(); ++index) {
        const auto listed = walked ? std::nullopt : listed_children(tree[index]);
        if (listed) {
            tree.insert(tree.end(), listed->begin(), listed->end());
            continue;
        }
        if (!walked) {
            walked = children_by_parent();
        }
        const auto [first, last] = walked->equal_range(tree[index]);
        for (auto child = first; child != last; ++child) {
            tree.push_back(child->second);
        }
    }
    return tree;
}

} // namespace squall::probes
