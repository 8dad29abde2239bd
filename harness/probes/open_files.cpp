#include "probes/open_files.hpp"

#include "probes/number_text.hpp"

#include <fmt/format.h>

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <memory>

namespace squall::probes {
namespace {

constexpr std::string_view deleted = " (deleted)";
constexpr std::string_view socket_start = "socket:[";

struct CloseFolder {
    void operator()(DIR* folder) const { closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

Folder open_folder_of(pid_t pid)
{
    return Folder(opendir(fmt::format("/proc/{}/fd", pid).c_str()));
}

bool is_digit(char letter)
{
    return letter >= '0' && letter <= '9';
}

bool is_hex(char letter)
{
    return is_digit(letter) || (letter >= 'a' && letter <= 'f') || (letter >= 'A' && letter <= 'F');
}

bool is_alphanumeric(char letter)
{
    return is_digit(letter) || (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

/// A run of letters and digits that a person would not have chosen: drawn at random.
bool looks_drawn(std::string_view run)
{
    const bool digit = std::ranges::any_of(run, is_digit);
    if (std::ranges::all_of(run, is_hex) && run.size() >= (digit ? 4U : 8U)) {
        return true;
    }
    std::size_t changes = 0;
    for (std::size_t at = 1; at < run.size(); ++at) {
        changes += is_digit(run[at]) != is_digit(run[at - 1]) ? 1 : 0;
    }
    return run.size() >= 6 && changes >= 2;
}

void add_folded(std::string& folded, std::string_view run)
{
    if (looks_drawn(run)) {
        folded += '*';
        return;
    }
    for (std::size_t at = 0; at < run.size(); ++at) {
        if (!is_digit(run[at])) {
            folded += run[at];
        } else if (at == 0 || !is_digit(run[at - 1])) {
            folded += '*';
        }
    }
}

std::string_view kind_of_anonymous(std::string_view name)
{
    if (name.starts_with('[') && name.ends_with(']')) {
        name = name.substr(1, name.size() - 2);
    }
    return name == "eventpoll" ? "epoll" : name;
}

} // namespace

std::optional<std::size_t> count_open_files(pid_t pid)
{
    struct stat status {};
    if (stat(fmt::format("/proc/{}/fd", pid).c_str(), &status) == 0 && status.st_size > 0) {
        return static_cast<std::size_t>(status.st_size);
    }
    const auto folder = open_folder_of(pid);
    if (!folder) {
        return std::nullopt;
    }
    std::size_t count = 0;
    while (const auto* entry = readdir(folder.get())) {
        count += is_digit(entry->d_name[0]) ? 1 : 0;
    }
    return count;
}

bool for_each_open_file(pid_t pid, const std::function<void(const char* number, std::string_view link)>& call)
{
    const auto folder = open_folder_of(pid);
    if (!folder) {
        return false;
    }
    std::array<char, PATH_MAX + deleted.size()> link{};
    while (const auto* entry = readdir(folder.get())) {
        const auto length =
            is_digit(entry->d_name[0]) ? readlinkat(dirfd(folder.get()), entry->d_name, link.data(), link.size()) : -1;
        if (length > 0) {
            call(entry->d_name, std::string_view(link.data(), static_cast<std::size_t>(length)));
        }
    }
    return true;
}

std::string_view kind_of_open_file(std::string_view link)
{
    constexpr std::string_view anonymous = "anon_inode:";
    if (link.starts_with(socket_start)) {
        return "socket";
    }
    if (link.starts_with("pipe:[")) {
        return "pipe";
    }
    if (link.starts_with(anonymous)) {
        return kind_of_anonymous(link.substr(anonymous.size()));
    }
    if (link.starts_with("/memfd:")) {
        return "memfd";
    }
    if (!link.starts_with('/')) {
        return link.find(":[") != std::string_view::npos ? "namespace" : "other";
    }
    if (link.ends_with(deleted)) {
        return "deleted";
    }
    return link.starts_with("/dev/") && !link.starts_with("/dev/shm/") ? "device" : "file";
}

std::optional<std::uint64_t> parse_socket_link(std::string_view link)
{
    if (!link.starts_with(socket_start) || !link.ends_with(']')) {
        return std::nullopt;
    }
    return to_number<std::uint64_t>(link.substr(socket_start.size(), link.size() - socket_start.size() - 1));
}

std::string fold_path(std::string_view link)
{
    if (link.ends_with(deleted)) {
        link.remove_suffix(deleted.size());
    }
    std::string folded;
    while (!link.empty()) {
        const auto length =
            static_cast<std::size_t>(std::distance(link.begin(), std::ranges::find_if_not(link, is_alphanumeric)));
        add_folded(folded, link.substr(0, length));
        link.remove_prefix(length);
        if (!link.empty()) {
            folded += link.front();
            link.remove_prefix(1);
        }
    }
    return folded;
}

std::size_t count_inotify_watches(std::string_view text)
{
    constexpr std::string_view watch = "inotify wd:";
    std::size_t count = 0;
    for (auto at = text.find(watch); at != std::string_view::npos; at = text.find(watch, at + watch.size())) {
        count += at == 0 || text[at - 1] == '\n' ? 1 : 0;
    }
    return count;
}

} // namespace squall::probes
