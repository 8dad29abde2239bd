// One run from plan to result: the only composer. It starts the stack, lets the shards load it phase by phase, writes
// the journal, and concludes from the journal.
#pragma once

#include "base/result.hpp"
#include "engine/live_status.hpp"
#include "plan/plan.hpp"
#include "result/run_result.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall::engine {

struct RunOptions {
    std::string folder;                      // exists and is empty; see make_run_folder
    std::vector<std::string> keeper_command; // see stack::StackOptions
    std::string target_program;
    int threads = 1;
    std::function<void(std::string_view)> on_note = [](std::string_view) {};     // one line of text
    std::function<void(const LiveStatus&)> on_status = [](const LiveStatus&) {}; // once a second
};

/// Blocks the calling thread until all is over. SIGINT and SIGTERM end the run early: the first gracefully with results
/// kept (and marked interrupted), the second at once. No result: a signal came before the load began. An error: nothing
/// was measured (the stack did not start, the journal could not be written …). Everything started is torn down by then.
[[nodiscard]] Result<std::optional<result::RunResult>> run_plan(std::shared_ptr<const plan::Plan> plan,
                                                                RunOptions options);

} // namespace squall::engine
