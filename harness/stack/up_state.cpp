#include "stack/up_state.hpp"

#include "base/text.hpp"
#include "stack/private_folder.hpp"
#include "stack/process_table.hpp"
#include "wire/deadline.hpp"

#include <boost/json.hpp>

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace squall::stack {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr Duration look_again = std::chrono::milliseconds(20);
constexpr Duration kill_time = std::chrono::seconds(3);

std::string note_path(const std::string& state_folder)
{
    return (fs::path(state_folder) / "stack.json").string();
}

json::object service_object(const ServiceInfo& service)
{
    return {{"name", service.name}, {"kind", service.kind}, {"url", service.url},
            {"port", service.port}, {"pid", service.pid},   {"log", service.log}};
}

std::string text_of(const json::object& object, std::string_view key)
{
    return std::string(object.at(key).as_string());
}

ServiceInfo service_from(const json::object& object)
{
    return ServiceInfo{text_of(object, "name"),
                       text_of(object, "kind"),
                       text_of(object, "url"),
                       object.at("port").to_number<int>(),
                       object.at("pid").to_number<pid_t>(),
                       text_of(object, "log")};
}

UpState state_from(const json::object& object)
{
    UpState state;
    state.scenario_file = text_of(object, "scenario_file");
    state.run_folder = text_of(object, "run_folder");
    state.keeper_pid = object.at("keeper_pid").to_number<pid_t>();
    state.keeper_start = object.at("keeper_start").to_number<std::uint64_t>();
    state.boot_id = text_of(object, "boot_id");
    for (const json::value& folder : object.at("private_folders").as_array()) {
        state.private_folders.emplace_back(folder.as_string());
    }
    for (const json::value& service : object.at("services").as_array()) {
        state.services.push_back(service_from(service.as_object()));
    }
    for (const auto& [name, value] : object.at("variables").as_object()) {
        state.variables.emplace(name, value.as_string());
    }
    return state;
}

/// /tmp is everybody's: a folder there is believed only if it is ours and closed to others.
Result<void> check_owner(const std::string& state_folder)
{
    struct stat info {};
    if (::lstat(state_folder.c_str(), &info) != 0) {
        return fail("cannot look at {}: {}", state_folder, std::strerror(errno));
    }
    if (!S_ISDIR(info.st_mode) || info.st_uid != ::geteuid() || (info.st_mode & 077) != 0) {
        return fail("{} is not a folder of this user's alone, so what it says is not believed; remove it or set "
                    "XDG_RUNTIME_DIR",
                    state_folder);
    }
    return {};
}

Result<void> write_note(const UpState& state, const std::string& state_folder)
{
    if (::mkdir(state_folder.c_str(), 0700) != 0 && errno != EEXIST) {
        return fail("cannot make {}: {}", state_folder, std::strerror(errno));
    }
    const auto ours = check_owner(state_folder);
    if (!ours) {
        return ours;
    }
    const std::string path = note_path(state_folder);
    const auto written = write_private_file(path + ".new", to_json_text(state), std::nullopt);
    if (!written) {
        return written;
    }
    std::error_code error;
    fs::rename(path + ".new", path, error);
    if (error) {
        return fail("cannot write {}: {}", path, error.message());
    }
    return {};
}

void remove_note(const std::string& state_folder)
{
    std::error_code ignored;
    fs::remove(note_path(state_folder), ignored);
    fs::remove(state_folder, ignored);
}

/// Every process of the keeper's session; empty unless its leader is, or was, our keeper.
std::vector<ProcessStat> remains_of(const UpState& state)
{
    if (state.boot_id != boot_id()) {
        return {};
    }
    std::vector<ProcessStat> members = processes_of_session(state.keeper_pid);
    // Ours are never older than their keeper, and a stranger that leads a session of this number has another start.
    std::erase_if(members, [&state](const ProcessStat& member) {
        return member.start < state.keeper_start ||
               (member.pid == state.keeper_pid && member.start != state.keeper_start);
    });
    return members;
}

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

/// What a keeper that was killed could not do itself.
Task<Result<void>> clean_after_keeper(const UpState& state, const Clock& clock)
{
    const Instant kill_at = clock.now() + std::chrono::seconds(1); // PostgreSQL ends by itself, see keeper.hpp
    const Instant until = kill_at + kill_time;
    std::vector<ProcessStat> left = remains_of(state);
    while (!left.empty() && clock.now() < until) {
        for (const ProcessStat& process : left) {
            if (clock.now() >= kill_at) {
                ::kill(process.pid, SIGKILL);
            }
        }
        co_await wire::sleep_until(clock.now() + look_again);
        left = remains_of(state);
    }
    std::vector<std::string> problems;
    for (const ProcessStat& process : left) {
        problems.push_back(fmt::format("process {} ({})", process.pid, process.name));
    }
    for (const std::string& folder : state.private_folders) {
        std::error_code error;
        fs::remove_all(folder, error);
        if (error) {
            problems.push_back(fmt::format("folder {} ({})", folder, error.message()));
        }
    }
    if (!problems.empty()) {
        co_return fail("the stack is down, but these are left: {}", join(problems, ", "));
    }
    co_return Result<void>();
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
    const auto written = write_note(*state, state_folder);
    if (!written) {
        co_return written.error();
    }
    const auto detached = co_await stack.detach();
    if (!detached) {
        remove_note(state_folder);
        co_return detached.error();
    }
    co_return *state;
}

} // namespace

std::string to_json_text(const UpState& state)
{
    json::array services;
    for (const ServiceInfo& service : state.services) {
        services.push_back(service_object(service));
    }
    json::object variables;
    for (const auto& [name, value] : state.variables) {
        variables[name] = value;
    }
    return json::serialize(json::object{
        {"scenario_file", state.scenario_file},
        {"run_folder", state.run_folder},
        {"keeper_pid", state.keeper_pid},
        {"keeper_start", state.keeper_start},
        {"boot_id", state.boot_id},
        {"private_folders", json::array(state.private_folders.begin(), state.private_folders.end())},
        {"services", std::move(services)},
        {"variables", std::move(variables)},
    });
}

Result<UpState> parse_up_state(std::string_view text)
{
    // Bad JSON and a missing member: Boost.JSON throws, and for us it is data.
    try {
        return state_from(json::parse(text).as_object());
    } catch (const std::exception& problem) {
        return fail("not a note of squall up: {}", problem.what());
    }
}

std::string up_state_folder()
{
    std::string parent = "/tmp";
    for (const char* name : {"XDG_RUNTIME_DIR", "TMPDIR"}) {
        const char* value = std::getenv(name);
        if (value != nullptr && *value != '\0') {
            parent = value;
            break;
        }
    }
    return (fs::path(parent) / fmt::format("squall-up-{}", ::geteuid())).string();
}

Result<std::optional<UpState>> read_up_state(const std::string& state_folder)
{
    std::error_code error;
    if (!fs::exists(note_path(state_folder), error)) {
        return std::optional<UpState>();
    }
    const auto ours = check_owner(state_folder);
    if (!ours) {
        return ours.error();
    }
    std::ifstream file(note_path(state_folder));
    std::ostringstream text;
    text << file.rdbuf();
    const auto state = parse_up_state(text.str());
    if (!state) {
        return fail("{}: {}; remove it", note_path(state_folder), state.error().message);
    }
    return std::optional(*state);
}

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
    const auto cleaned = co_await clean_after_keeper(state, *clock);
    if (!cleaned) {
        co_return cleaned.error();
    }
    remove_note(state_folder);
    co_return lived ? DownOutcome::stopped : DownOutcome::stale;
}

} // namespace squall::stack
