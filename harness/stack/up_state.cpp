#include "stack/up_state.hpp"

#include "stack/process_table.hpp"
#include "stack/remains.hpp"
#include "stack/up_note.hpp"
#include "wire/deadline.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

namespace squall::stack {

namespace {

namespace fs = std::filesystem;

constexpr Duration look_again = std::chrono::milliseconds(20);
constexpr Duration kill_time = std::chrono::seconds(3);

/// Signals by pidfd, so that the pid cannot change hands between the look and the signal.
void signal_keeper(const UpState& state, int signal)
{
    const int descriptor = static_cast<int>(::syscall(SYS_pidfd_open, state.keeper_pid, 0));
    if (descriptor < 0) {
        return;
    }
    if (keeper_lives(state)) {
        ::syscall(SYS_pidfd_send_signal, descriptor, signal, nullptr, 0);
    }
    ::close(descriptor);
}

Task<void> wait_until_dead(const UpState& state, const Clock& clock, Instant until)
{
    while (keeper_lives(state) && clock.now() < until) {
        co_await wire::sleep_until(clock.now() + look_again);
    }
}

Result<UpState> describe_running(const RunningStack& stack, const std::string& run_folder, std::string scenario_file)
{
    const auto keeper = process_stat(stack.keeper_pid());
    if (!keeper) {
        return fail("the keeper process of the stack is gone");
    }
    UpState state;
    std::error_code ignored;
    state.scenario_file = std::move(scenario_file);
    state.run_folder = fs::absolute(run_folder, ignored).lexically_normal().string();
    state.keeper_pid = keeper->pid;
    state.keeper_start = keeper->start;
    state.boot_id = boot_id();
    state.private_folders = stack.private_folders();
    state.services = stack.services();
    state.variables = stack.variables();
    return state;
}

Task<Result<UpState>> note_and_detach(RunningStack& stack, std::string run_folder, std::string scenario_file,
                                      std::string state_folder)
{
    const auto state = describe_running(stack, run_folder, std::move(scenario_file));
    if (!state) {
        co_return state.error();
    }
    // The note first: if we die in between, the keeper still ends the stack and the note is merely stale.
    const auto written = write_up_note(*state, state_folder);
    if (!written) {
        co_return written.error();
    }
    const auto detached = co_await stack.detach();
    if (!detached) {
        remove_up_note(state_folder);
        co_return detached.error();
    }
    co_return *state;
}

} // namespace

bool keeper_lives(const UpState& state)
{
    const auto keeper = process_stat(state.keeper_pid);
    return keeper && !keeper->is_dead() && keeper->start == state.keeper_start && state.boot_id == boot_id();
}

Task<Result<UpState>> bring_up(scenario::StackSpec spec, StackOptions options, std::string scenario_file,
                               std::string state_folder)
{
    const auto before = read_up_state(state_folder);
    if (!before) {
        co_return before.error();
    }
    if (*before && keeper_lives(**before)) {
        co_return fail("a stack is up already, of {} (keeper pid {}, run folder {}); squall down stops it",
                       (*before)->scenario_file, (*before)->keeper_pid, (*before)->run_folder);
    }
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    const std::string run_folder = options.run_folder;
    auto stack = co_await start_stack(std::move(spec), std::move(options));
    if (!stack) {
        co_await asio::this_coro::throw_if_cancelled(throws);
        co_return stack.error();
    }
    const auto state = co_await note_and_detach(*stack, run_folder, std::move(scenario_file), state_folder);
    if (!state) {
        const auto stopped = co_await stack->stop();
        co_await asio::this_coro::throw_if_cancelled(throws);
        co_return stopped ? state.error() : fail("{}; {}", state.error().message, stopped.error().message);
    }
    co_await asio::this_coro::throw_if_cancelled(throws);
    co_return *state;
}

Task<Result<DownOutcome>> bring_down(std::string state_folder, std::shared_ptr<const Clock> clock, Duration patience)
{
    const auto found = read_up_state(state_folder);
    if (!found) {
        co_return found.error();
    }
    if (!*found) {
        co_return DownOutcome::nothing_up;
    }
    const UpState& state = **found;
    const bool lived = keeper_lives(state);
    if (lived) {
        signal_keeper(state, SIGTERM);
        co_await wait_until_dead(state, *clock, clock->now() + patience);
        signal_keeper(state, SIGKILL);
        co_await wait_until_dead(state, *clock, clock->now() + kill_time);
    }
    std::optional<KeeperIdentity> keeper;
    if (state.boot_id == boot_id()) {
        keeper = KeeperIdentity{state.keeper_pid, state.keeper_start};
    }
    const auto cleaned = co_await clear_remains(keeper, state.private_folders, clock);
    if (!cleaned) {
        co_return cleaned.error();
    }
    remove_up_note(state_folder);
    co_return lived ? DownOutcome::stopped : DownOutcome::stale;
}

} // namespace squall::stack
