#include "stack/remains.hpp"

#include "base/text.hpp"
#include "stack/process_table.hpp"
#include "wire/deadline.hpp"

#include <csignal>
#include <filesystem>

namespace squall::stack {

namespace {

/// PostgreSQL gets its death signal (SIGQUIT) from the kernel and takes its own children along; SIGKILL would orphan
/// them.
constexpr Duration death_signal_time = std::chrono::seconds(1);
constexpr Duration kill_time = std::chrono::seconds(3);
constexpr Duration look_again = std::chrono::milliseconds(10);

std::vector<ProcessStat> members_of(const std::optional<KeeperIdentity>& keeper)
{
    if (!keeper) {
        return {};
    }
    std::vector<ProcessStat> members = processes_of_session(keeper->pid);
    // Ours are never older than their keeper, and a stranger that leads a session of this number has another start.
    std::erase_if(members, [&keeper](const ProcessStat& member) {
        return member.start < keeper->start || (member.pid == keeper->pid && member.start != keeper->start);
    });
    return members;
}

} // namespace

Task<Result<void>> clear_remains(std::optional<KeeperIdentity> keeper, std::vector<std::string> folders,
                                 std::shared_ptr<const Clock> clock)
{
    const Instant kill_at = clock->now() + death_signal_time;
    const Instant give_up_at = kill_at + kill_time;
    std::vector<ProcessStat> left = members_of(keeper);
    while (!left.empty() && clock->now() < give_up_at) {
        for (const ProcessStat& process : left) {
            if (clock->now() >= kill_at) {
                ::kill(process.pid, SIGKILL);
            }
        }
        co_await wire::sleep_until(clock->now() + look_again);
        left = members_of(keeper);
    }
    std::vector<std::string> problems;
    for (const ProcessStat& process : left) {
        problems.push_back(fmt::format("process {} ({})", process.pid, process.name));
    }
    for (const std::string& folder : folders) {
        std::error_code error;
        std::filesystem::remove_all(folder, error);
        if (error) {
            problems.push_back(fmt::format("folder {} ({})", folder, error.message()));
        }
    }
    if (!problems.empty()) {
        co_return fail("the stack is stopped, but these are left: {}", join(problems, ", "));
    }
    co_return Result<void>();
}

} // namespace squall::stack
