#include "probes/process_tree.hpp"

#include "probes/number_text.hpp"
#include "probes/open_files.hpp"
#include "probes/socket_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

namespace squall::probes {
namespace {

namespace files = std::filesystem;

using Children = std::multimap<pid_t, TreeProcess>;

/// Every process's children, from one walk over /proc.
Children children_by_parent()
{
    Children children;
    std::error_code error;
    for (files::directory_iterator entry("/proc", error), end; !error && entry != end; entry.increment(error)) {
        const auto pid = to_number<pid_t>(entry->path().filename().native());
        auto stat = pid ? read_proc_stat(*pid) : std::nullopt;
        if (stat) {
            const pid_t parent = stat->parent;
            children.emplace(parent, TreeProcess{*pid, std::move(*stat)});
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
        const auto list =
            read_proc_file(pid, fmt::format("task/{}/children", thread->path().filename().native()).c_str());
        if (!list && files::exists(thread->path(), error)) {
            return std::nullopt;
        }
        for (std::string_view rest = list ? std::string_view(*list) : std::string_view(); !rest.empty();) {
            const auto length = std::min(rest.find(' '), rest.size());
            const auto child = to_number<pid_t>(rest.substr(0, length));
            if (child) {
                children.push_back(*child);
            }
            rest.remove_prefix(std::min(length + 1, rest.size()));
        }
    }
    return children;
}

bool is_buried(const TreeProcess& process)
{
    return process.stat.state == 'Z' || process.stat.state == 'X';
}

/// Made by fork alone: it runs what its parent runs.
bool is_fork_of(const TreeProcess& child, const TreeProcess& parent)
{
    if (child.stat.stack_begin == 0 || parent.stat.stack_begin == 0) {
        return child.stat.command == parent.stat.command;
    }
    return child.stat.stack_begin == parent.stat.stack_begin && child.stat.code_begin == parent.stat.code_begin;
}

/// The only child, where it runs a program of its own.
const TreeProcess* wrapped_by(const TreeProcess& parent, const std::vector<TreeProcess>& tree)
{
    const TreeProcess* only = nullptr;
    for (const auto& process : tree) {
        if (process.stat.parent != parent.pid || is_buried(process) || &process == &tree.front()) {
            continue;
        }
        if (only != nullptr) {
            return nullptr;
        }
        only = &process;
    }
    return only != nullptr && !is_fork_of(*only, parent) ? only : nullptr;
}

} // namespace

std::vector<TreeProcess> process_tree(pid_t root)
{
    std::vector<TreeProcess> tree;
    auto first = read_proc_stat(root);
    if (!first) {
        return tree;
    }
    tree.push_back({root, std::move(*first)});
    std::optional<Children> walked;
    for (std::size_t index = 0; index < tree.size(); ++index) {
        const auto listed = walked ? std::nullopt : listed_children(tree[index].pid);
        if (listed) {
            for (const pid_t child : *listed) {
                if (auto stat = read_proc_stat(child)) {
                    tree.push_back({child, std::move(*stat)});
                }
            }
            continue;
        }
        if (!walked) {
            walked = children_by_parent();
        }
        const auto [begin, end] = walked->equal_range(tree[index].pid);
        for (auto child = begin; child != end; ++child) {
            tree.push_back(child->second);
        }
    }
    return tree;
}

std::optional<std::uint64_t> ServingProcess::started(const std::vector<TreeProcess>& tree, const Listens& listens)
{
    if (tree.empty()) {
        return std::nullopt;
    }
    if (!path_.empty() && std::ranges::any_of(tree, [this](const TreeProcess& process) {
            return identity_of(process) == path_.back() && !is_buried(process);
        })) {
        return path_.back().start_ticks;
    }
    std::vector<Identity> path;
    bool listening = false;
    for (const TreeProcess* at = &tree.front(); at != nullptr;) {
        path.push_back(identity_of(*at));
        listening = listens(at->pid);
        at = listening ? nullptr : wrapped_by(*at, tree);
    }
    const bool stood_above = std::ranges::find(path_, path.back()) != path_.end();
    if (stood_above && !listening) {
        return std::nullopt;
    }
    path_ = std::move(path);
    return path_.back().start_ticks;
}

bool is_listening(pid_t pid)
{
    std::vector<std::uint64_t> inodes;
    for_each_open_file(pid, [&inodes](const char* /*number*/, std::string_view link) {
        if (const auto inode = parse_socket_link(link)) {
            inodes.push_back(*inode);
        }
    });
    const auto is_ours = [&inodes](std::uint64_t inode) { return std::ranges::find(inodes, inode) != inodes.end(); };
    for (const auto* table : {"net/tcp", "net/tcp6"}) {
        const auto text = inodes.empty() ? std::nullopt : read_proc_file(pid, table);
        for (const auto& socket : parse_tcp_sockets(text.value_or(""))) {
            if (socket.state == TcpState::listen && is_ours(socket.inode)) {
                return true;
            }
        }
    }
    const auto unix_sockets = inodes.empty() ? std::nullopt : read_proc_file(pid, "net/unix");
    return std::ranges::any_of(parse_unix_sockets(unix_sockets.value_or("")), [&is_ours](const UnixSocket& socket) {
        return socket.listening && is_ours(socket.inode);
    });
}

} // namespace squall::probes
