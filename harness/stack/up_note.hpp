// Writes and removes the note that up_state.hpp describes and reads.
#pragma once

#include "stack/up_state.hpp"

namespace squall::stack {

/// Whole or not at all: a reader never sees half a note. Makes the folder, which must be this user's alone.
[[nodiscard]] Result<void> write_up_note(const UpState& state, const std::string& state_folder);
void remove_up_note(const std::string& state_folder);

} // namespace squall::stack
