#include "engine/self_check.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>

namespace squall::engine {
namespace {

namespace fs = std::filesystem;

std::optional<int> number(std::string_view text)
{
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// "socket:[1234]" is a socket, "anon_inode:[eventpoll]" an eventpoll; a file is named as it is.
std::string kind_of(const std::string& descriptor)
{
    constexpr std::string_view anonymous = "anon_inode:";
    if (descriptor.starts_with(anonymous)) {
        auto name = descriptor.substr(anonymous.size());
        std::erase_if(name, [](char c) { return c == '[' || c == ']'; });
        return name;
    }
    return descriptor.starts_with("/") ? descriptor : descriptor.substr(0, descriptor.find(':'));
}

std::string name_of(pid_t child)
{
    std::string name;
    std::getline(std::ifstream(fmt::format("/proc/{}/comm", child)), name);
    return fmt::format("process {} {}", child, name.empty() ? "(gone)" : name);
}

} // namespace

Holdings current_holdings()
{
    Holdings holdings;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/proc/self/fd", ignored)) {
        const auto descriptor = number(entry.path().filename().native());
        const auto what = fs::read_symlink(entry.path(), ignored);
        // The folder's own descriptor is among them.
        if (descriptor && !ignored && what != fmt::format("/proc/{}/fd", getpid())) {
            holdings.descriptors.emplace(*descriptor, what.native());
        }
    }
    for (const auto& task : fs::directory_iterator("/proc/self/task", ignored)) {
        std::ifstream children(task.path() / "children");
        for (pid_t child = 0; children >> child;) {
            holdings.children.insert(child);
        }
    }
    return holdings;
}

measure::SelfCheck compare(const Holdings& before, const Holdings& after)
{
    measure::SelfCheck check;
    check.descriptors_before = static_cast<std::int64_t>(before.descriptors.size());
    check.descriptors_after = static_cast<std::int64_t>(after.descriptors.size());
    std::map<std::string, int> kinds;
    for (const auto& [number, what] : after.descriptors) {
        const auto was = before.descriptors.find(number);
        if (was == before.descriptors.end() || was->second != what) {
            ++check.descriptors_left;
            ++kinds[kind_of(what)];
        }
    }
    for (const auto& [kind, count] : kinds) {
        check.left.push_back(fmt::format("{} × {}", count, kind));
    }
    for (const auto child : after.children) {
        if (before.children.count(child) == 0) {
            ++check.processes_left;
            check.left.push_back(name_of(child));
        }
    }
    return check;
}

} // namespace squall::engine
