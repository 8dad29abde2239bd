// `squall up` and `squall down`: a stack that outlives the command that started it, and the note that finds it again.
#pragma once

#include "stack/stack.hpp"

#include <cstdint>
#include <optional>

namespace squall::stack {

/// What `up` writes down. The keeper is known by pid, start time and boot, so that a reused pid is never signalled.
struct UpState {
    std::string scenario_file;
    std::string run_folder;
    pid_t keeper_pid = 0;
    std::uint64_t keeper_start = 0; // clock ticks since boot: field 22 of proc(5) stat
    std::string boot_id;
    std::vector<std::string> private_folders;
    std::vector<ServiceInfo> services;
    std::map<std::string, std::string> variables;
};

[[nodiscard]] std::string to_json_text(const UpState& state);
[[nodiscard]] Result<UpState> parse_up_state(std::string_view text);

/// ${XDG_RUNTIME_DIR or TMPDIR or /tmp}/squall-up-<uid>, from this process's environment.
[[nodiscard]] std::string up_state_folder();

/// The stack that is up, as its note says; nothing when there is none. A note that is not ours or not readable is an
/// error.
[[nodiscard]] Result<std::optional<UpState>> read_up_state(const std::string& state_folder);

/// True while the very process that the note names lives.
[[nodiscard]] bool keeper_lives(const UpState& state);

/// `squall up`: starts the stack, leaves it running and writes the note. Refused while another of the user's is up.
/// A failure or a cancellation leaves nothing behind.
Task<Result<UpState>> bring_up(scenario::StackSpec spec, StackOptions options, std::string scenario_file,
                               std::string state_folder);

enum class DownOutcome {
    nothing_up,
    stopped,
    stale, // the keeper had died before: its data and note were removed
};

/// `squall down`: asks the keeper to stop all, waits at most `patience`, then kills it; removes the note. Idempotent.
Task<Result<DownOutcome>> bring_down(std::string state_folder, std::shared_ptr<const Clock> clock,
                                     Duration patience = std::chrono::seconds(20));

} // namespace squall::stack
