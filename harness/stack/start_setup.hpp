// Everything about a start that can be settled, and refused, before a process runs.
#pragma once

#include "stack/stack_plan.hpp"

namespace squall::stack {

struct StartSetup {
    Site site; // without its data folder, which is made last
    StackPrograms programs;
    std::map<std::string, int> ports;
};

/// Makes the paths of `options` absolute (the keeper works in /) and the folder of the logs; checks spec, programs,
/// ports and templates.
[[nodiscard]] Result<StartSetup> set_up_start(const scenario::StackSpec& spec, StackOptions& options);

/// $TMPDIR, or /tmp.
[[nodiscard]] std::string temporary_folder(const Site& site);

} // namespace squall::stack
